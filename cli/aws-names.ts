import type { PhysicalNames } from "../runtime/job/job-runtime.ts";
import { deployedVariables } from "./deployment-outputs.ts";
import { UsageError } from "./usage-error.ts";

interface NameValues {
  readonly "exchange-stream"?: string | undefined;
  readonly stream: readonly (readonly [string, string])[];
  readonly outputs?: string | undefined;
  readonly job?: string | undefined;
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Names from the options, or else from the variables that the construct gives to its functions.
 * @throws UsageError
 */
export function awsNames(
  values: NameValues,
  variables: Variables = deployedVariables(values),
): PhysicalNames {
  const exchangeStream = values["exchange-stream"] ?? variables["MILLRACE_EXCHANGE_STREAM"];
  if (exchangeStream === undefined || exchangeStream === "")
    throw new UsageError("a deployed job's exchange is found by --exchange-stream <name>.");
  return {
    exchangeStream,
    streams: { ...namesIn(variables, "MILLRACE_STREAMS"), ...Object.fromEntries(values.stream) },
    tables: {},
  };
}

/** Names in AWS, by those in the job, which a variable holds as JSON. @throws UsageError */
export function namesIn(variables: Variables, name: string): Readonly<Record<string, string>> {
  const text = variables[name];
  if (text === undefined || text === "") return {};
  try {
    return JSON.parse(text) as Readonly<Record<string, string>>;
  } catch {
    throw new UsageError(`the variable ${name} is not JSON.`);
  }
}
