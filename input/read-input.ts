import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type Decoder, namesColumns } from "../runtime/connectors/decoder.ts";
import { decodeText } from "./decode-text.ts";
import { beginningMaxCharacters, formatOf, type InputFormat } from "./input-format.ts";
import type { InputItem } from "./input-item.ts";
import { jsonScanner } from "./json-scanner.ts";
import { openBytes } from "./open-bytes.ts";
import { readLines } from "./read-lines.ts";
import { readTable, type TableRow } from "./read-table.ts";
import { rowTyper } from "./typed-row.ts";

export interface InputOptions {
  /** Files, in the order in which they are read; "-" is standard input. */
  readonly files: readonly string[];
  /** Default: what each file seems to hold. */
  readonly format?: InputFormat;
  /** How the source reads its records: what is read becomes records of that kind. Default: "json". */
  readonly decoder?: Decoder;
  /** The source's: rows of tables get its types. Default: they are texts. */
  readonly schema?: StandardSchemaV1;
  readonly signal: AbortSignal;
}

/** What files hold, document by document, in bounded memory. @throws MillraceError `input-unreadable` */
export async function* readInput(options: InputOptions): AsyncGenerator<readonly InputItem[]> {
  const { files, signal } = options;
  const documentOf = rowDocument(options);
  try {
    for (const file of files) {
      const { texts, hasBadBytes } = decodeText(openBytes(file, signal));
      for await (const items of itemsOf(texts, { ...options, file, documentOf })) {
        // What was cut off by it looks like the end.
        if (signal.aborted) return;
        yield hasBadBytes() ? items.map(withoutBadBytes) : items;
      }
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
  }
}

type RowDocument = (row: TableRow) => string;

function rowDocument({ decoder = "json", schema }: InputOptions): RowDocument {
  if (isJson(decoder)) {
    const typed = rowTyper(schema);
    return ({ value }) => typed(value);
  }
  const isNamed = namesColumns(decoder);
  return ({ names, text }) => (isNamed ? `${names}\n${text}` : text);
}

function isJson(decoder: Decoder): boolean {
  return decoder === "json" || decoder === "jsonLines" || decoder === "joinedJson";
}

interface FileToRead extends InputOptions {
  readonly file: string;
  readonly documentOf: RowDocument;
}

async function* itemsOf(
  texts: AsyncIterable<string>,
  { file, documentOf, format: given, decoder = "json" }: FileToRead,
): AsyncGenerator<readonly InputItem[]> {
  const { beginning, isWhole, all } = await beginningOf(texts);
  const format = given ?? formatFor(decoder);
  const found = format === "text" ? format : formatOf({ file, text: beginning, isWhole }, format);
  switch (found) {
    case "lines":
    case "text":
      return yield* readLines(all, file);
    case "array":
    case "documents":
      return yield* scanned(all, { format: found, file });
    case "csv":
    case "tsv":
      return yield* readTable(all, {
        file,
        documentOf,
        ...delimiterFor(found, decoder),
      });
  }
}

/** Undefined: as the file seems. */
function formatFor(decoder: Decoder): InputFormat | undefined {
  if (isJson(decoder)) return undefined;
  return namesColumns(decoder) ? "csv" : "text";
}

function delimiterFor(format: "csv" | "tsv", decoder: Decoder): { readonly delimiter?: string } {
  if (typeof decoder === "object") return { delimiter: decoder.delimiter };
  if (decoder === "csv") return { delimiter: "," };
  return format === "tsv" ? { delimiter: "\t" } : {};
}

async function* scanned(
  texts: AsyncIterable<string>,
  { format, file }: { readonly format: "array" | "documents"; readonly file: string },
): AsyncGenerator<readonly InputItem[]> {
  const scanner = jsonScanner(format, file);
  for await (const text of texts) yield scanner.push(text);
  yield scanner.end();
}

interface BegunText {
  readonly beginning: string;
  readonly isWhole: boolean;
  /** The beginning and what lies behind it. */
  readonly all: AsyncIterable<string>;
}

/** As much as it takes to see what it is: of a slow pipe, no more than two lines. */
async function beginningOf(texts: AsyncIterable<string>): Promise<BegunText> {
  const iterator = texts[Symbol.asyncIterator]();
  let beginning = "";
  let isWhole = false;
  while (!isWhole && !isEnough(beginning)) {
    const { done, value } = await iterator.next();
    if (done === true) isWhole = true;
    else beginning += value;
  }
  async function* all(): AsyncGenerator<string> {
    if (beginning !== "") yield beginning;
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
      yield next.value;
  }
  return { beginning, isWhole, all: all() };
}

function isEnough(text: string): boolean {
  if (text.length >= beginningMaxCharacters) return true;
  const start = text.trimStart();
  const end = start.indexOf("\n");
  if (end === -1) return false;
  // A line of an object is one of JSON lines; of all else the next line tells.
  const line = start.slice(0, end).trimEnd();
  return (line.startsWith("{") && line.endsWith("}")) || start.slice(end).trim() !== "";
}

function withoutBadBytes(item: InputItem): InputItem {
  if (item.kind === "refused" || !item.text.includes("\ufffd")) return item;
  return { ...item, kind: "refused", reason: "it is not UTF-8" };
}
