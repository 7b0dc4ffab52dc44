import type { PhysicalNames } from "../runtime/job/job-runtime.ts";
import { deployedVariables } from "./deployment-outputs.ts";
import { UsageError } from "./usage-error.ts";

/** How a deployed job's streams are called, where a command must look at them. */
export const namesDefinitions = {
  "exchange-stream": { type: "string" },
  stream: { type: "string", multiple: true, default: [] as string[] },
} as const;

interface NameValues {
  readonly "exchange-stream"?: string | undefined;
  readonly stream: readonly string[];
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
    streams: { ...fromVariable(variables["MILLRACE_STREAMS"]), ...fromOptions(values.stream) },
    tables: {},
  };
}

function fromVariable(text: string | undefined): Readonly<Record<string, string>> {
  if (text === undefined || text === "") return {};
  try {
    return JSON.parse(text) as Readonly<Record<string, string>>;
  } catch {
    throw new UsageError("the variable MILLRACE_STREAMS is not JSON.");
  }
}

function fromOptions(pairs: readonly string[]): Readonly<Record<string, string>> {
  const entries = pairs.map((pair) => {
    const at = pair.indexOf("=");
    if (at > 0 && at < pair.length - 1) return [pair.slice(0, at), pair.slice(at + 1)] as const;
    throw new UsageError(`--stream is "${pair}"; it takes <name in the job>=<name in AWS>.`);
  });
  return Object.fromEntries(entries);
}
