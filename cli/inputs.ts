import { encodeRecord } from "../input/encode-record.ts";
import { inputFiles } from "../input/input-files.ts";
import { standardInput } from "../input/open-bytes.ts";
import { readInput } from "../input/read-input.ts";
import {
  feedDocuments,
  fedMemory,
  listProgress,
  type OpenedJobBundle,
  recordsPutBeside,
  refusedInput,
} from "../dev/index.ts";
import { readsStream } from "../runtime/connectors/sources.ts";
import { readRefusedInput } from "../runtime/job/refused-input.ts";
import { isMillraceError } from "../runtime/errors/millrace-error.ts";
import { livingSlots, totalsOf } from "../runtime/observe/living-slots.ts";
import type { DevOptions, InputOption } from "./dev-options.ts";
import type { ProgressView } from "./progress-view.ts";
import { sourceOfStream } from "./source-of-stream.ts";
import { UsageError } from "./usage-error.ts";

/** @throws UsageError where an input's file is not there. */
export function checkInputFiles(inputs: readonly InputOption[]): void {
  for (const input of inputs) {
    try {
      inputFiles(input.file);
    } catch (thrown) {
      if (!isMillraceError(thrown)) throw thrown;
      throw new UsageError(`${named(input)}: ${thrown.message}`);
    }
  }
}

const named = ({ stream, file }: InputOption): string => `--input ${stream}=${file}`;

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

/**
 * Feeds all inputs at once until they are over, or until `signal`. A file goes on where an earlier run left it. Answers how many documents were
 * refused in this run: they are dead letters.
 */
export async function feedInputs(opened: OpenedJobBundle, feed: Feed): Promise<number> {
  const refused = await Promise.all(
    feed.options.inputs.map((input) => feedInput(opened, { ...feed, input })),
  );
  return refused.reduce((sum, count) => sum + count, 0);
}

export interface Feed {
  readonly options: DevOptions;
  readonly view: Pick<ProgressView, "report">;
  readonly signal: AbortSignal;
}

interface InputFeed extends Feed {
  readonly input: InputOption;
}

async function feedInput(
  opened: OpenedJobBundle,
  { options, input, view, signal }: InputFeed,
): Promise<number> {
  const { ports, dir } = opened;
  const { stream, file, keyField, format } = input;
  const { ended, shards } = await ports.admin.describe(stream);
  if (ended) return 0;
  const isPipe = file === standardInput;
  // A put is written whole or not at all, so the stream itself knows how much of the file it has.
  const inStream = shards.reduce((sum, { records }) => sum + records, 0);
  const fedBefore = isPipe ? 0 : Math.max(0, inStream - (await recordsPutBeside(ports, stream)));
  const { clock } = ports;
  const memory = isPipe ? undefined : fedMemory({ dir, stream, input: named(input), clock });
  const { decoder = "json", compression, schema } = sourceOf(opened, stream);
  const keep = await keeper(opened, input);
  let refused = 0;
  await feedDocuments({
    stream,
    writer: ports.writer,
    clock,
    items: readInput({
      files: inputFiles(file),
      decoder,
      schema,
      signal,
      ...(format === undefined ? {} : { format }),
    }),
    encode: encodeRecord(compression),
    skip: fedBefore,
    ...(options.rate === undefined ? {} : { rate: options.rate }),
    ...(keyField === undefined ? {} : { keyField }),
    taken: () => takenFrom(opened, stream),
    isStopped: () => signal.aborted,
    async onRefused({ item, reason, isPassedOver }) {
      await keep(item, reason);
      if (isPassedOver) return;
      refused += 1;
      const message = `${item.file}, line ${item.line}: ${reason}`;
      const detail = { slot: `input/${stream}`, file: item.file, line: item.line, reason };
      view.report({ kind: "alarm", code: "dead-letters", message, detail });
    },
    ...(memory === undefined ? {} : { onFed: memory.fed }),
  });
  memory?.save();
  if (signal.aborted) return refused;
  memory?.ended();
  if (options.endsStreams) await ports.admin.endStream(stream);
  return refused;
}

/** What comes through a pipe doesn't come again: its letters keep names of their own. */
async function keeper(
  { ports, plan: { job }, generation }: OpenedJobBundle,
  { stream, file }: InputOption,
) {
  const options = { ports, job, generation, stream };
  if (file !== standardInput) return refusedInput(options);
  const before = (await readRefusedInput(ports, job)).get(stream) ?? 0;
  return refusedInput({ ...options, run: `${ports.clock.nowMs()}-`, before });
}

function sourceOf({ graph }: OpenedJobBundle, stream: string) {
  const source = sourceOfStream(graph, stream);
  if (source !== undefined) return source;
  throw new Error(`The graph has no source of stream "${stream}".`);
}

/** Records of a stream that the job has taken, in all of its runs. */
async function takenFrom(
  { plan, ports, generation }: OpenedJobBundle,
  stream: string,
): Promise<number> {
  const rows = await listProgress(ports, { job: plan.job, generation });
  return totalsOf(livingSlots(rows).filter((row) => row.stream === stream)).records;
}
