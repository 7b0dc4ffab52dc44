import { readFileSync } from "node:fs";
import { UsageError } from "./usage-error.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The variables of a deployed job: those of the environment, or, of what `cdk deploy --outputs-file <file>` wrote, those
 * that the construct's output `Connection` holds.
 * @throws UsageError
 */
export function deployedVariables(
  { outputs, job }: { readonly outputs?: unknown; readonly job?: unknown },
  environment: Variables = process.env,
): Variables {
  if (typeof outputs !== "string") return environment;
  const all = connectionsIn(outputs);
  const found = all.filter(({ MILLRACE_JOB }) => typeof job !== "string" || MILLRACE_JOB === job);
  const [first, second] = found;
  const names = all.map(({ MILLRACE_JOB }) => MILLRACE_JOB).join(", ");
  if (first === undefined)
    throw new UsageError(`${outputs} has no output "Connection"${names && ` but of ${names}`}.`);
  if (second !== undefined)
    throw new UsageError(`${outputs} holds several jobs: say which one with --job (${names}).`);
  if (Object.keys(first).some(isEndpoint)) leadHere(outputs, first);
  return { ...environment, ...first };
}

const isEndpoint = (name: string): boolean => name.startsWith("AWS_ENDPOINT_URL");

/**
 * A local deployment's outputs say where its emulators are: the clients of this process go there, with the names that are known there.
 * @throws UsageError where they lead elsewhere than to this machine
 */
function leadHere(file: string, variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    if (isEndpoint(name) && !/^http:\/\/127\.0\.0\.1(:\d+)?\/?$/.test(value))
      throw new UsageError(`${file} has ${name}=${value}, which is not on this machine.`);
    if (name.startsWith("AWS_")) process.env[name] = value;
  }
  // It would outweigh the keys.
  delete process.env["AWS_PROFILE"];
}

/** By stack and logical id: the output's id ends in a hash. */
function connectionsIn(file: string): readonly Record<string, string>[] {
  let stacks: Record<string, Record<string, string>>;
  try {
    stacks = JSON.parse(readFileSync(file, "utf8")) as typeof stacks;
  } catch {
    throw new UsageError(`--outputs is ${file}, which is not a file of outputs.`);
  }
  const outputs = Object.values(stacks).flatMap((stack) => Object.entries(stack));
  return outputs
    .filter(([id]) => isConnection(id))
    .map(([, text]) => JSON.parse(text) as Record<string, string>);
}

/** Whether an output is what leads to a job. */
export const isConnection = (id: string): boolean => /Connection[0-9A-F]{8}$/.test(id);
