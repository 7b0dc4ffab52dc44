import { writerBeside } from "../dev/index.ts";
import type { StreamWriter } from "../runtime/ports/streams.ts";
import { namesIn } from "./aws-names.ts";
import { deployedVariables } from "./deployment-outputs.ts";
import { openStore } from "./open-store.ts";
import { foreignStreams } from "./store-options.ts";
import { UsageError } from "./usage-error.ts";

/** A stream that records can be put into. */
export interface StreamTarget {
  readonly writer: StreamWriter;
  readonly close: () => void;
}

export interface TargetValues {
  readonly dir: string | undefined;
  readonly outputs: string | undefined;
  readonly job: string | undefined;
  readonly region: string | undefined;
}

/** Opens a stream of a folder or a deployment. @throws UsageError where it is not said which, or there is no such stream */
export async function openStreamTarget(
  stream: string,
  values: TargetValues,
): Promise<StreamTarget> {
  const { dir, outputs } = values;
  if (dir !== undefined) {
    if (outputs !== undefined) throw new UsageError("--dir and --outputs exclude each other.");
    const { ports, close } = await openStore({ kind: "embedded", dir });
    return { writer: writerBeside(ports), close };
  }
  const variables = deployedVariables(values);
  const names = namesIn(variables, "MILLRACE_STREAMS");
  const name = names[stream];
  if (name === undefined) throw new UsageError(missing(stream, Object.keys(names), outputs));
  const { streamName: called = (own: string) => own } = foreignStreams(variables);
  const region = values.region ?? (outputs === undefined ? undefined : variables["AWS_REGION"]);
  // The AWS SDK takes a while to load: only for those who need it.
  const { awsClients, closeClients } = await import("../runtime/aws/index.ts");
  const { kinesisStreamWriter } = await import("../runtime/aws/kinesis-stream-writer.ts");
  const clients = awsClients(region === undefined ? {} : { region });
  return {
    writer: kinesisStreamWriter({ client: clients.kinesis, streamName: () => called(name) }),
    close: () => closeClients(clients),
  };
}

function missing(stream: string, names: readonly string[], outputs: string | undefined): string {
  if (names.length > 0) return `the job reads no stream "${stream}"; it reads ${names.join(", ")}.`;
  return outputs === undefined
    ? "it is not said where the stream is: --dir <folder>, or --outputs <file>."
    : `${outputs} names no streams of the job.`;
}
