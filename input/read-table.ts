import { type CsvRow, eachRow, namesOf, rowOf } from "../runtime/connectors/csv-rows.ts";
import { messageOf } from "../runtime/errors/millrace-error.ts";
import { documentMaxCharacters, type InputItem } from "./input-item.ts";
import { unreadable } from "./unreadable.ts";

export interface TableRow {
  readonly columns: readonly string[];
  readonly value: Readonly<Record<string, string>>;
  /** As it stands in the file, and the row of names. */
  readonly text: string;
  readonly names: string;
}

export interface TableOptions {
  readonly file: string;
  /** Default: the one that fits the first rows best, of comma, semicolon, tab and "|". */
  readonly delimiter?: string;
  /** The document of a row. */
  readonly documentOf: (row: TableRow) => string;
}

/** The rows of a table under the row that names them; one with other columns is refused by itself. @throws MillraceError `input-unreadable` */
export async function* readTable(
  chunks: AsyncIterable<string>,
  options: TableOptions,
): AsyncGenerator<readonly InputItem[]> {
  const table = tableOf(options);
  let rest = "";
  let isPassingOver = false;
  for await (const chunk of chunks) {
    rest = isPassingOver ? behindLine(chunk) : rest + chunk;
    if (isPassingOver && !chunk.includes("\n")) continue;
    isPassingOver = false;
    const end = endOfRows(rest, table.delimiterOf(rest));
    const items = end === 0 ? [] : table.take(rest.slice(0, end));
    rest = rest.slice(end);
    if (rest.length > documentMaxCharacters) {
      items.push(table.refuseLine(rest));
      isPassingOver = !rest.includes("\n");
      rest = behindLine(rest);
    }
    if (items.length > 0) yield items;
  }
  if (rest.trim() !== "") yield table.take(rest);
}

function behindLine(text: string): string {
  const end = text.indexOf("\n");
  return end === -1 ? "" : text.slice(end + 1);
}

interface Table {
  delimiterOf(text: string): string;
  take(rows: string): InputItem[];
  /** A row that is too long: it is given up at the end of its first line. */
  refuseLine(text: string): InputItem;
}

function tableOf({ file, delimiter, documentOf }: TableOptions): Table {
  let mark = delimiter;
  let columns: readonly string[] | undefined;
  let names = "";
  let line = 1;
  const name = (row: CsvRow): void => {
    try {
      columns = namesOf(row);
    } catch (thrown) {
      throw unreadable(file, {
        what: messageOf(thrown),
        line,
        beginning: row.document,
        next: "Give a name to each column in the first row, each once.",
      });
    }
    names = row.document;
  };
  const itemOf = (row: CsvRow): InputItem => {
    const made = rowOf(row, columns!);
    if (made.kind === "refused")
      return { kind: "refused", reason: made.reason, text: row.document, file, line };
    const value = made.value as Readonly<Record<string, string>>;
    const text = documentOf({ columns: columns!, value, text: row.document, names });
    return { kind: "document", text, file, line };
  };
  return {
    delimiterOf: (text) => (mark ??= delimiterOf(text)),
    take(rows) {
      const items: InputItem[] = [];
      eachRow(rows, mark!, (row) => {
        if (row.document.trim() !== "") {
          if (columns === undefined) name(row);
          else items.push(itemOf(row));
        }
        line += row.lines;
        return "more";
      });
      return items;
    },
    refuseLine(rest) {
      const [text = ""] = rest.split("\n", 1);
      return { kind: "refused", reason: neverEnds, text, file, line: line++ };
    },
  };
}

const likelyDelimiters = [",", ";", "\t", "|"];

/** The one that stands in the first row most often. */
function delimiterOf(text: string): string {
  const [names = ""] = text.trimStart().split("\n", 1);
  const counts = likelyDelimiters.map((mark) => names.split(mark).length);
  return likelyDelimiters[counts.indexOf(Math.max(...counts))]!;
}

const neverEnds = `it has more than ${documentMaxCharacters} characters: a quote may have no end`;

/** Behind the last end of a line that is no part of a field: a field in quotes goes on over it. */
function endOfRows(text: string, delimiter: string): number {
  let end = 0;
  let isInQuotes = false;
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at);
    const stop = quote === -1 ? text.length : quote;
    const lineEnd = isInQuotes ? -1 : text.slice(at, stop).lastIndexOf("\n");
    if (lineEnd !== -1) end = at + lineEnd + 1;
    if (quote === -1) break;
    const isDoubled = isInQuotes && text[quote + 1] === '"';
    if (!isDoubled) isInQuotes = !isInQuotes && beginsField(text, quote, delimiter);
    at = quote + (isDoubled ? 2 : 1);
  }
  return end;
}

function beginsField(text: string, quote: number, delimiter: string): boolean {
  const before = text[quote - 1];
  return before === undefined || before === delimiter || before === "\n" || before === "\r";
}
