import type { StandardSchemaV1 } from "@standard-schema/spec";
import { jobError } from "../errors/millrace-error.ts";
import type { SourceConnector, StartFrom } from "../graph/connectors.ts";
import { checkSchema } from "./check-schema.ts";
import { checkCompression, checkDecoder, type Decoder, type SourceCompression } from "./decoder.ts";
import { type DocumentFormat, documentsOf } from "./documents.ts";
import type { LargeIntegers } from "../serde/parse-json.ts";
import { checkStreamName } from "./names.ts";
import { shardReader, type SourceSpec } from "./source-spec.ts";

/** A stream of Kinesis that a job reads. */
export interface KinesisSource<T> extends SourceConnector<T>, DocumentFormat {
  readonly stream: string;
}

/** Its splits are the stream's shards, places in them sequence numbers. */
export const kinesisSourceSpec: SourceSpec<KinesisSource<unknown>> = {
  resource: ({ stream }) => ({ kind: "stream", name: stream }),
  fedBy: "records",
  dividesHashSpace: true,
  reader: shardReader,
  documents: documentsOf,
};

export interface KinesisSourceOptions<T> {
  /** Name of the stream; a deployment can map it to another. */
  readonly stream: string;
  /**
   * Checks and types each document: a synchronous Standard Schema (zod, valibot, arktype …), or `unchecked<T>()`. What it
   * refuses goes to the dead letters.
   */
  readonly schema: StandardSchemaV1<unknown, T>;
  /** Where a job without state begins: the oldest record, only new ones, or the first since `timeMs`. Default: "earliest". */
  readonly startFrom?: StartFrom;
  /** How a record becomes documents. Default: "json": it is one. */
  readonly decoder?: Decoder;
  /** How producers compress records; each may hold 16 MiB when it is opened. Default: "none". */
  readonly compression?: SourceCompression;
  /**
   * What becomes of integers beyond 2^53, which a JavaScript number can't hold, wherever they stand in a document: "refuse" sends
   * the document to the dead letters, "bigint" and "text" give the schema a bigint or a text of the digits. Smaller integers are
   * numbers in any case. Default: "refuse".
   */
  readonly largeIntegers?: LargeIntegers;
  /** For streams that a Millrace `kinesisSink` writes: takes its envelope off and drops what it sent twice. Default: false. */
  readonly dropDuplicates?: boolean;
}

/**
 * Reads a Kinesis stream.
 * @throws MillraceError `stream-name-invalid`, `schema-invalid`, `start-invalid`, `decoder-invalid`, `function-asynchronous`
 */
export function kinesisSource<T>(options: KinesisSourceOptions<T>): KinesisSource<T> {
  const { stream, schema, startFrom = "earliest", decoder = "json" } = options;
  const { compression = "none", largeIntegers = "refuse", dropDuplicates = false } = options;
  checkStreamName(stream);
  checkSchema(schema, `stream "${stream}"`);
  checkDecoder(decoder, `stream "${stream}"`);
  checkCompression(compression, `stream "${stream}"`);
  if ("format" in options) throw formatGone(stream);
  if (typeof startFrom === "object" && !(startFrom.timeMs >= 0)) throw startInvalid(stream);
  return Object.freeze<KinesisSource<T>>({
    type: "kinesis",
    stream,
    schema,
    startFrom,
    decoder,
    ...(compression !== "none" && { compression }),
    ...(typeof decoder === "function" && { mayShare: true }),
    largeIntegers,
    dropDuplicates,
  });
}

/** Programs without types would have each record of lines refused. */
function formatGone(stream: string): Error {
  return jobError("decoder-invalid", {
    message: `The source of stream "${stream}" is given a format, which sources don't have any more.`,
    next: 'Write decoder: "json" or "jsonLines" instead of format.',
  });
}

function startInvalid(stream: string): Error {
  return jobError("start-invalid", {
    message: `The time from which stream "${stream}" is read is not a time.`,
    next: "Give milliseconds since 1970, for example startFrom: { timeMs: Date.UTC(2026, 0, 1) }.",
  });
}
