import { valueText } from "../errors/value-text.ts";
import { synchronous, synchronousResults } from "../graph/synchronous.ts";
import type { Ports } from "../ports/index.ts";
import { type LargeIntegers, parseJson } from "../serde/parse-json.ts";
import { compressionOf } from "./compression-format.ts";
import { csvRows } from "./csv-rows.ts";
import { csv, type Decoder, type DecoderFunction, type SourceCompression } from "./decoder.ts";
import { joinedDocuments } from "./joined-documents.ts";
import type { DocumentReader, MadeDocument, RecordDocument } from "./source-spec.ts";

export interface DocumentFormat {
  readonly decoder: Decoder;
  /** Default: "none". */
  readonly compression?: SourceCompression;
  /** What becomes of integers beyond 2^53, which a number can't hold. Default: "refuse". */
  readonly largeIntegers?: LargeIntegers;
}

/** A record may hold at most this many documents. */
const maxDocuments = 100_000;
/** A record may have at most so many bytes when it is opened: what is small may hold gigabytes. */
const openedMaxBytes = 16_777_216;

/** Reads records as their source says. */
export function documentsOf(
  { decoder, compression = "none", largeIntegers = "refuse" }: DocumentFormat,
  ports: Pick<Ports, "decompression">,
): DocumentReader {
  const split = splitterOf(decoder);
  const opened = opener(compression, ports);
  return {
    split: opened === undefined ? ({ data }) => split(data) : ({ data }) => split(opened(data)),
    parse: (document) => parseJson(document, largeIntegers),
  };
}

type Split = (data: Uint8Array) => readonly RecordDocument[];

function splitterOf(decoder: Decoder): Split {
  if (typeof decoder === "function") return (data) => madeBy(decoder, data);
  if (typeof decoder === "object") return csvSplitter(decoder);
  const text = textReader();
  switch (decoder) {
    case "json":
      return (data) => [text(data)];
    case "jsonLines":
      return (data) => linesOf(text(data));
    case "joinedJson":
      return (data) => atMost(joinedDocuments(text(data), maxDocuments), "documents");
    case "csv":
      return csvSplitter(csv());
    case "text":
      return (data) => [made(text(data))];
    case "bytes":
      // A copy, and none of Node's own kind: what is given may be a view of what others read.
      return (data) => [made(new Uint8Array(data))];
  }
}

function linesOf(text: string): readonly string[] {
  const all = text.split("\n", maxDocuments + 1);
  return atMost(all.includes("") ? all.filter((line) => line.length > 0) : all, "lines");
}

function csvSplitter(decoder: Parameters<typeof csvRows>[1]): Split {
  const text = textReader();
  return (data) => atMost(csvRows(text(data), decoder, maxDocuments), "rows");
}

/** @throws where it answers with a promise, or fails */
function madeBy(decoder: DecoderFunction, data: Uint8Array): readonly RecordDocument[] {
  const answer: unknown = decoder(new Uint8Array(data));
  if (!isList(answer)) {
    synchronous(answer, what);
    throw new Error(
      `${what} answered with ${valueText(answer, 100).text}, and no list of documents`,
    );
  }
  const documents = synchronousResults(upTo(answer, maxDocuments + 1), what);
  return atMost(documents, "documents").map(made);
}

const what = "the decoder";

function isList(answer: unknown): answer is Iterable<unknown> {
  if (typeof answer !== "object" || answer === null) return false;
  return Symbol.iterator in answer && !ArrayBuffer.isView(answer);
}

function* upTo(documents: Iterable<unknown>, max: number): Generator<unknown> {
  let count = 0;
  for (const document of documents) {
    if (count++ === max) return;
    yield document;
  }
}

/** Of a document at most this many characters are kept. */
const shownMaxCharacters = 262_144;

function made(value: unknown): MadeDocument {
  const shown =
    typeof value === "string" || value instanceof Uint8Array
      ? () => value
      : () => valueText(value, shownMaxCharacters).text;
  return { kind: "made", value, shown };
}

function atMost<T>(documents: readonly T[], what: string): readonly T[] {
  if (documents.length <= maxDocuments) return documents;
  throw new Error(`it has more than ${maxDocuments} ${what}`);
}

function textReader(): (data: Uint8Array) => string {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  return (data) => {
    try {
      return utf8.decode(data);
    } catch {
      const format = compressionOf(data);
      throw new Error(
        format === undefined
          ? "it is not UTF-8"
          : `it is not UTF-8, but seems to be ${format}: give the source compression: "${format}"`,
      );
    }
  };
}

function opener(
  compression: SourceCompression,
  { decompression }: Pick<Ports, "decompression">,
): ((data: Uint8Array) => Uint8Array) | undefined {
  if (compression === "none") return undefined;
  return (data) => {
    const format = compression === "detect" ? compressionOf(data) : compression;
    return format === undefined ? data : decompression.open(format, data, openedMaxBytes);
  };
}
