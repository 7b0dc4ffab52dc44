import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { feedLines } from "../dev/index.ts";
import { systemClock } from "../runtime/node/system-environment.ts";
import type { StreamWriter } from "../runtime/ports/streams.ts";
import { answering } from "./answer.ts";
import type { PutGiven } from "./commands/put.ts";
import { asKnownError } from "./file-errors.ts";
import { readableCount } from "./readable.ts";
import { interruptedExitCode, onStopSignals } from "./stop-signals.ts";
import { openStreamTarget } from "./stream-target.ts";
import { saysHowFar } from "./waiting.ts";

/** `millrace put <stream> <file>`: each line is a record. Answers the exit code. */
export async function putCommand({ values, args: [stream, file] }: PutGiven): Promise<number> {
  const { key: keyField, rate, skip } = values;
  let isStopped = false;
  const exitCode = await answering(values, async () => {
    const target = await openStreamTarget(stream, values);
    const counted = countingWriter(target.writer);
    const release = onStopSignals(() => {
      isStopped = true;
      input.destroy();
    });
    const quiet = saysHowFar(() => `${counted.text()} are put`);
    const input = file === "-" ? process.stdin : createReadStream(file);
    try {
      await feedLines({
        stream,
        writer: counted.writer,
        clock: systemClock,
        chunks: textOf(input),
        ...(skip === undefined ? {} : { skip }),
        ...(rate === undefined ? {} : { rate }),
        ...(keyField === undefined ? {} : { keyField }),
        // Who reads the stream is not this command's business: the stream itself says when it is too much.
        taken: async () => 0,
        aheadMax: Number.POSITIVE_INFINITY,
        isStopped: () => isStopped,
      });
    } catch (thrown) {
      // A readable that is destroyed tells its reader by an error.
      if (!isStopped) {
        if (counted.complete() > 0) process.stderr.write(`${goOn(counted.complete(), skip)}\n`);
        throw asKnownError(thrown, file);
      }
    } finally {
      quiet();
      release();
      target.close();
    }
    const [records, again] = [counted.records(), counted.refused()];
    return {
      json: { type: "put", stream, records, refused: again, interrupted: isStopped },
      text: [
        `${counted.text()} were put into stream ${stream}${again === 0 ? "" : `, ${readableCount(again)} of them after they were refused`}`,
        ...(isStopped ? [goOn(counted.complete(), skip)] : []),
      ],
    };
  });
  return isStopped ? interruptedExitCode : exitCode;
}

const goOn = (records: number, skip = 0): string =>
  `  the same command goes on with --skip ${skip + records}`;

/** Pieces of text, without cutting a character in two. */
function textOf(input: Readable): AsyncIterable<string> {
  input.setEncoding("utf8");
  return input as AsyncIterable<string>;
}

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
