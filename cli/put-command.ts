import { feedDocuments } from "../dev/index.ts";
import { encodeRecord } from "../input/encode-record.ts";
import { inputFiles } from "../input/input-files.ts";
import { readInput } from "../input/read-input.ts";
import { systemClock } from "../runtime/node/system-environment.ts";
import type { StreamWriter } from "../runtime/ports/streams.ts";
import { answering } from "./answer.ts";
import type { PutGiven } from "./commands/put.ts";
import { deadLettersExitCode } from "./exit-codes.ts";
import { formOfRecords, type RecordForm } from "./put-source.ts";
import { readableCount } from "./readable.ts";
import { interruptedExitCode, onStopSignals } from "./stop-signals.ts";
import { openStreamTarget } from "./stream-target.ts";
import { saysHowFar } from "./waiting.ts";

/** `millrace put <stream> <file>`: each document is a record. Answers the exit code. */
export async function putCommand(given: PutGiven): Promise<number> {
  const { values, args } = given;
  const [stream] = args;
  const { skip } = values;
  const stopping = new AbortController();
  const isStopped = (): boolean => stopping.signal.aborted;
  let leftOut = 0;
  const exitCode = await answering(values, async () => {
    const files = inputFiles(args[1]);
    const form = await formOfRecords(stream, values["job-file"]);
    const target = await openStreamTarget(stream, values);
    const counted = countingWriter(target.writer);
    const release = onStopSignals(() => stopping.abort());
    const quiet = saysHowFar(() => `${counted.text()} are put`);
    try {
      leftOut = await feed(given, { files, form, writer: counted.writer, signal: stopping.signal });
    } catch (thrown) {
      if (counted.complete() > 0) process.stderr.write(`${goOn(counted.complete(), skip)}\n`);
      throw thrown;
    } finally {
      quiet();
      release();
      target.close();
    }
    const [records, again] = [counted.records(), counted.refused()];
    const noRecords = leftOut === 0 ? {} : { leftOut };
    return {
      json: {
        type: "put",
        stream,
        records,
        refused: again,
        ...noRecords,
        interrupted: isStopped(),
      },
      text: [
        `${counted.text()} were put into stream ${stream}${again === 0 ? "" : `, ${readableCount(again)} of them after they were refused`}`,
        ...(leftOut === 0
          ? []
          : [
              `  ${readableCount(leftOut)} ${leftOut === 1 ? "document was" : "documents were"} left out: it can be no record`,
            ]),
        ...(isStopped() ? [goOn(counted.complete(), skip)] : []),
      ],
    };
  });
  if (isStopped()) return interruptedExitCode;
  return leftOut > 0 ? deadLettersExitCode : exitCode;
}

interface Feed {
  readonly files: readonly string[];
  readonly form: RecordForm;
  readonly writer: StreamWriter;
  readonly signal: AbortSignal;
}

/** Answers how many documents can be no records: each is named on standard error. */
async function feed(
  { values: { key: keyField, rate, skip, format }, args: [stream] }: PutGiven,
  { files, form, writer, signal }: Feed,
): Promise<number> {
  const { decoder = "json", compression, schema } = form;
  let leftOut = 0;
  await feedDocuments({
    stream,
    writer,
    clock: systemClock,
    items: readInput({
      files,
      decoder,
      signal,
      ...(schema === undefined ? {} : { schema }),
      ...(format === undefined ? {} : { format }),
    }),
    encode: encodeRecord(compression),
    ...(skip === undefined ? {} : { skip }),
    ...(rate === undefined ? {} : { rate }),
    ...(keyField === undefined ? {} : { keyField }),
    // Who reads the stream is not this command's business: the stream itself says when it is too much.
    taken: async () => 0,
    aheadMax: Number.POSITIVE_INFINITY,
    isStopped: () => signal.aborted,
    onRefused: async ({ item, reason, isPassedOver }) => {
      if (isPassedOver) return;
      leftOut += 1;
      process.stderr.write(`${item.file}, line ${item.line}: ${reason}\n`);
    },
  });
  return leftOut;
}

const goOn = (records: number, skip = 0): string =>
  `  the same command goes on with --skip ${skip + records}`;

/** Counts what a stream has taken, and what it refused for the moment and was put again. */
function countingWriter(writer: StreamWriter) {
  let records = 0;
  let refused = 0;
  // Of the records in hand; what is taken of these is no beginning of the file.
  let missing = 0;
  let complete = 0;
  return {
    writer: {
      put: async (...put) => {
        if (missing === 0) missing = put[1].length;
        const results = await writer.put(...put);
        const taken = results.filter(({ put: isPut }) => isPut).length;
        records += taken;
        refused += results.length - taken;
        missing -= taken;
        if (missing === 0) complete = records;
        return results;
      },
    } satisfies StreamWriter,
    records: () => records,
    /** The first records of the file, all of which were taken. */
    complete: () => complete,
    refused: () => refused,
    text: () => `${readableCount(records)} ${records === 1 ? "record" : "records"}`,
  };
}
