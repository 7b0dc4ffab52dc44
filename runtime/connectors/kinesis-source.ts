import type { StandardSchemaV1 } from "@standard-schema/spec";
import { jobError } from "../errors/millrace-error.ts";
import type { SourceConnector, StartFrom } from "../graph/connectors.ts";
import { checkSchema } from "./check-schema.ts";
import { jsonDocuments, type JsonFormat } from "./json-documents.ts";
import type { LargeIntegers } from "../serde/parse-json.ts";
import { checkStreamName } from "./names.ts";
import { shardReader, type SourceSpec } from "./source-spec.ts";

/** A stream of Kinesis that a job reads. */
export interface KinesisSource<T> extends SourceConnector<T>, JsonFormat {
  readonly stream: string;
}

/** Its splits are the stream's shards, places in them sequence numbers. */
export const kinesisSourceSpec: SourceSpec<KinesisSource<unknown>> = {
  resource: ({ stream }) => ({ kind: "stream", name: stream }),
  fedBy: "records",
  dividesHashSpace: true,
  reader: shardReader,
  documents: jsonDocuments,
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
  /** "json": a record is one document; "json-lines": each line that isn't empty is one. Default: "json". */
  readonly format?: "json" | "json-lines";
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
 * @throws MillraceError `stream-name-invalid`, `schema-invalid`, `start-invalid`
 */
export function kinesisSource<T>(options: KinesisSourceOptions<T>): KinesisSource<T> {
  const { stream, schema, startFrom = "earliest", format = "json" } = options;
  const { largeIntegers = "refuse" } = options;
  checkStreamName(stream);
  checkSchema(schema, `stream "${stream}"`);
  if (typeof startFrom === "object" && !(startFrom.timeMs >= 0)) throw startInvalid(stream);
  const dropDuplicates = options.dropDuplicates ?? false;
  return Object.freeze({
    type: "kinesis",
    stream,
    schema,
    startFrom,
    format,
    largeIntegers,
    dropDuplicates,
  });
}

function startInvalid(stream: string): Error {
  return jobError("start-invalid", {
    message: `The time from which stream "${stream}" is read is not a time.`,
    next: "Give milliseconds since 1970, for example startFrom: { timeMs: Date.UTC(2026, 0, 1) }.",
  });
}
