import { createReadStream, statSync } from "node:fs";
import type { Readable } from "node:stream";
import { feedLines, listProgress, type OpenedJobBundle } from "../dev/index.ts";
import { readsStream } from "../runtime/connectors/sources.ts";
import { livingSlots, totalsOf } from "../runtime/observe/living-slots.ts";
import type { DevOptions, InputOption } from "./dev-options.ts";
import { UsageError } from "./usage-error.ts";

/** @throws UsageError where an input's file is not there. */
export function checkInputFiles(inputs: readonly InputOption[]): void {
  for (const { stream, file } of inputs) {
    if (file !== "-" && statSync(file, { throwIfNoEntry: false })?.isDirectory() !== false)
      throw new UsageError(`--input ${stream}=${file}: there is no such file.`);
  }
}

/** @throws UsageError where an input names a stream that the job doesn't read. */
export function checkInputStreams(inputs: readonly InputOption[], { plan }: OpenedJobBundle): void {
  const streams = plan.sources.filter(readsStream).map(({ stream }) => stream);
  for (const { stream } of inputs) {
    if (!streams.includes(stream))
      throw new UsageError(
        `--input names the stream "${stream}"; job ${plan.job} reads ${streams.join(", ")}.`,
      );
  }
}

/** Feeds all inputs at once until they are over, or until `signal`. A file goes on where an earlier run left it. */
export async function feedInputs(
  opened: OpenedJobBundle,
  options: DevOptions,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(options.inputs.map((input) => feedInput(opened, { options, input, signal })));
}

interface Feed {
  readonly options: DevOptions;
  readonly input: InputOption;
  readonly signal: AbortSignal;
}

async function feedInput(opened: OpenedJobBundle, { options, input, signal }: Feed): Promise<void> {
  const { ports } = opened;
  const { stream, file, keyField } = input;
  const { ended, shards } = await ports.admin.describe(stream);
  if (ended) return;
  // A put is written whole or not at all, so the stream itself knows how much of the file it has.
  const fedBefore = shards.reduce((sum, { records }) => sum + records, 0);
  const readable: Readable = file === "-" ? process.stdin : createReadStream(file);
  readable.setEncoding("utf8");
  const release = (): void => void readable.destroy();
  signal.addEventListener("abort", release);
  try {
    await feedLines({
      stream,
      writer: ports.writer,
      clock: ports.clock,
      chunks: readable,
      skip: file === "-" ? 0 : fedBefore,
      ...(options.rate === undefined ? {} : { rate: options.rate }),
      ...(keyField === undefined ? {} : { keyField }),
      taken: () => takenFrom(opened, stream),
      isStopped: () => signal.aborted,
    });
  } catch (thrown) {
    // A readable that is destroyed tells its reader by an error.
    if (!signal.aborted) throw thrown;
  } finally {
    signal.removeEventListener("abort", release);
  }
  if (options.endsStreams && !signal.aborted) await ports.admin.endStream(stream);
}

/** Records of a stream that the job has taken, in all of its runs. */
async function takenFrom(
  { plan, ports, generation }: OpenedJobBundle,
  stream: string,
): Promise<number> {
  const rows = await listProgress(ports, { job: plan.job, generation });
  return totalsOf(livingSlots(rows).filter((row) => row.stream === stream)).records;
}
