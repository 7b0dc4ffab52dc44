import { putAgain } from "../../dev/put-again.ts";
import { deployedPace, type PutAgain, type ServedStore } from "../../http/served-store.ts";
import { deploymentError } from "../../runtime/errors/millrace-error.ts";
import type { Ports } from "../../runtime/ports/index.ts";
import { deployedPorts } from "../deployed-ports.ts";
import { namesIn, required, type Variables } from "../variables.ts";

/**
 * The job of a deployment for the API in front of it, as the function's environment variables describe it.
 * @throws MillraceError `variable-missing`, `variable-invalid`
 */
export function deployedStore(variables: Variables): ServedStore {
  const job = required(variables, "MILLRACE_JOB");
  const tables = namesIn(variables, "MILLRACE_TABLES");
  const ports = deployedPorts(job, variables);
  return {
    ports,
    jobs: async () => [job],
    allowWrites: mayWrite(variables),
    tableName: (table) => tables[table] ?? table,
    putAgain: putAgainInto(namesIn(variables, "MILLRACE_STREAMS"), ports),
    ...deployedPace,
  };
}

/** Which of the two functions this is: one reads, and the other changes what it is asked to. */
const mayWrite = (variables: Variables): boolean =>
  required(variables, "MILLRACE_API") === "writes";

const putAgainInto =
  (names: Readonly<Record<string, string>>, { writer, clock }: Ports): PutAgain =>
  async (stream, put) => {
    const name = names[stream];
    if (name === undefined) throw streamUnknown(stream);
    return await putAgain({ writer, clock, stream: name, ...put });
  };

const streamUnknown = (stream: string): Error =>
  deploymentError("stream-not-deployed", {
    message: `The deployment knows no stream "${stream}": the job has read it before, and does no more.`,
    next: "Replay what other streams have, or discard the letter.",
  });
