import { jobError } from "../errors/millrace-error.ts";
import { checkSynchronous } from "../graph/synchronous.ts";
import type { CompressionFormat } from "../ports/index.ts";

const decoderNames = ["json", "jsonLines", "joinedJson", "csv", "text", "bytes"] as const;

/** A decoder that needs to be told nothing. */
export type DecoderName = (typeof decoderNames)[number];

/**
 * Makes of the bytes of a record the documents that it holds, in their order: an array, or a generator. It must be synchronous and answer the
 * same for the same bytes, since a record may be taken again. What it throws sends the record to the dead letters.
 */
export type DecoderFunction = (data: Uint8Array) => Iterable<unknown>;

export interface CsvDecoder {
  readonly kind: "csv";
  readonly delimiter: string;
  /** Absent: the first row names them. */
  readonly columns?: readonly string[];
}

/**
 * How the bytes of a record become documents, which the source's schema checks:
 * - "json": they are one JSON document.
 * - "jsonLines": each line that isn't empty is one.
 * - "joinedJson": they are JSON documents one behind the other, with or without white space between them, as Amazon Data Firehose joins them.
 * - "csv": they are rows under a row of names, with commas between; see {@link csv} for others. A row is an object of texts.
 * - "text": they are one text in UTF-8.
 * - "bytes": they are the document, a `Uint8Array`.
 * - a function of one's own.
 */
export type Decoder = DecoderName | CsvDecoder | DecoderFunction;

/** How producers compress records. "detect": with gzip or zstd, or not at all, as the first bytes of each record say. */
export type SourceCompression = "none" | CompressionFormat | "detect";

export interface CsvOptions {
  /** The character between two fields, for example "\t" or ";". Default: ",". */
  readonly delimiter?: string;
  /** Names of the columns, where no row names them. Default: the first row does. */
  readonly columns?: readonly string[];
}

/**
 * Rows as RFC 4180 has them: a field may stand in quotes, which are doubled inside of it.
 * @throws MillraceError `decoder-invalid`
 */
export function csv({ delimiter = ",", columns }: CsvOptions = {}): CsvDecoder {
  if (typeof delimiter !== "string" || !/^[^"\r\n\ufeff]$/.test(delimiter))
    throw csvInvalid(`its delimiter is ${JSON.stringify(delimiter)}`);
  const fault = columns === undefined ? undefined : faultOfColumns(columns);
  if (fault !== undefined) throw csvInvalid(fault);
  return Object.freeze({
    kind: "csv",
    delimiter,
    ...(columns === undefined ? {} : { columns: Object.freeze([...columns]) }),
  });
}

/** Whether the first row says what the columns are called. */
export function namesColumns(decoder: Decoder): boolean {
  return decoder === "csv" || (typeof decoder === "object" && decoder.columns === undefined);
}

/** What is wrong with names of columns; undefined where they will do. */
export function faultOfColumns(columns: readonly string[]): string | undefined {
  if (columns.length === 0) return "it has no columns";
  const unnamed = columns.findIndex((name) => typeof name !== "string" || name.trim() === "");
  if (unnamed !== -1) return `its column ${unnamed + 1} has no name`;
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  return twice === undefined ? undefined : `two of its columns are called "${twice}"`;
}

/** `what` it decodes, for messages: `stream "orders"`. @throws MillraceError `decoder-invalid`, `function-asynchronous` */
export function checkDecoder(decoder: Decoder, what: string): void {
  if (typeof decoder === "function")
    return checkSynchronous(decoder, { what: `decoder of ${what}`, takesGenerators: true });
  const isKnown =
    typeof decoder === "string"
      ? decoderNames.includes(decoder)
      : decoder !== null && (decoder as Partial<CsvDecoder> | undefined)?.kind === "csv";
  if (!isKnown) throw decoderUnknown(decoder, what);
}

const compressions: readonly SourceCompression[] = ["none", "gzip", "zstd", "detect"];

/** @throws MillraceError `decoder-invalid` */
export function checkCompression(compression: SourceCompression, what: string): void {
  if (compressions.includes(compression)) return;
  throw jobError("decoder-invalid", {
    message: `The compression of ${what} is ${JSON.stringify(compression)}.`,
    next: `Give one of ${compressions.map((name) => `"${name}"`).join(", ")}.`,
  });
}

function decoderUnknown(decoder: unknown, what: string): Error {
  return jobError("decoder-invalid", {
    message: `The decoder of ${what} is ${JSON.stringify(decoder) ?? typeof decoder}.`,
    next: `Give one of ${decoderNames.map((name) => `"${name}"`).join(", ")}, csv({ … }), or a function of a Uint8Array that answers with an array of documents.`,
  });
}

function csvInvalid(fault: string): Error {
  return jobError("decoder-invalid", {
    message: `A decoder of CSV can't be made: ${fault}.`,
    next: 'Give one character as delimiter, for example csv({ delimiter: "\\t" }), and as columns a list of names, each once.',
  });
}
