import { joinedDocuments } from "../runtime/connectors/joined-documents.ts";
import { foreignFormat } from "./foreign-format.ts";
import { unreadable } from "./unreadable.ts";

export const inputFormats = ["lines", "array", "documents", "csv", "tsv", "text"] as const;

/**
 * What an input holds: JSON in each line, one JSON array, JSON documents one behind the other, rows under their names, or texts, one a
 * line.
 */
export type InputFormat = (typeof inputFormats)[number];

/** How an input begins. */
export interface Beginning {
  readonly file: string;
  readonly text: string;
  /** There is nothing behind it. */
  readonly isWhole: boolean;
}

/** So much of an input is looked at to see what it is. */
export const beginningMaxCharacters = 65_536;

/** @throws MillraceError `input-unreadable` where it is something that is not read, or not what it is said to be */
export function formatOf(beginning: Beginning, given?: InputFormat): InputFormat {
  const { file, text } = beginning;
  const foreign = foreignFormat(text);
  if (foreign !== undefined) throw isForeign(file, foreign);
  if (given === undefined) return seemingFormat(beginning);
  const seems = jsonFormat(beginning);
  if (given === "lines" && (seems === "array" || (seems === "documents" && isPretty(text))))
    throw unreadable(file, {
      what:
        seems === "array"
          ? "it seems to be an array, not lines"
          : "it seems to be documents of several lines each",
      line: lineOfFirst(text),
      beginning: text.trimStart(),
      next: `Leave --format out, or use ${seems}.`,
    });
  if (given === "array" && seems !== "array")
    throw unreadable(file, {
      what: `it seems to be ${seems === undefined ? "no JSON" : "JSON lines, not an array"}`,
      line: lineOfFirst(text),
      beginning: text.trimStart(),
      next: "Leave --format out, or use lines.",
    });
  return given;
}

function seemingFormat(beginning: Beginning): InputFormat {
  const { file, text } = beginning;
  const [, extension = ""] = /\.([a-z]+)(?:\.(?:gz|zst|zstd))?$/i.exec(file) ?? [];
  if (/^csv$/i.test(extension)) return "csv";
  if (/^(?:tsv|tab)$/i.test(extension)) return "tsv";
  const json = jsonFormat(beginning);
  if (json !== undefined) return json;
  const separator = tableSeparator(text);
  if (separator === undefined || /^(?:jsonl|ndjson)$/i.test(extension)) return "lines";
  throw unreadable(file, {
    what: `it seems to be a table with ${separator.name} between its fields, and no JSON`,
    line: lineOfFirst(text),
    beginning: text.trimStart(),
    next: `Use --format <stream>=${separator.format}, or call the file .${separator.format}.`,
  });
}

/** Undefined where it doesn't begin as an object or an array. */
function jsonFormat({ text, isWhole }: Beginning): "lines" | "array" | "documents" | undefined {
  const start = text.trimStart();
  if (start === "") return isWhole ? "lines" : undefined;
  if (start[0] !== "[" && start[0] !== "{") return undefined;
  const end = start.indexOf("\n");
  const line = end === -1 ? start : start.slice(0, end);
  const behind = end === -1 ? "" : start.slice(end).trimStart();
  if (start[0] === "[") return isJson(line) && behind !== "" ? "lines" : "array";
  if (isJson(line) || (end === -1 && !isWhole)) return "lines";
  const [first, second] = joinedDocuments(line, 2);
  if (second !== undefined && isJson(first!)) return "documents";
  return behind.startsWith("{") || behind === "" ? "lines" : "documents";
}

function isPretty(text: string): boolean {
  return /^\s*\{\s*\n/.test(text);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const separators = [
  { mark: "\t", name: "tabs", format: "tsv" },
  { mark: ",", name: "commas", format: "csv" },
  { mark: ";", name: "semicolons", format: "csv" },
] as const;

/** What stands equally often in the first two lines. */
function tableSeparator(text: string): (typeof separators)[number] | undefined {
  const [first = "", second = ""] = text.trimStart().split(/\r?\n/, 2);
  return separators.find(({ mark }) => {
    const count = first.split(mark).length;
    return count > 1 && second.split(mark).length === count;
  });
}

function lineOfFirst(text: string): number {
  return text.slice(0, text.search(/\S|$/)).split("\n").length;
}

function isForeign(file: string, what: string): Error {
  const next =
    what === "UTF-16"
      ? "Make UTF-8 of it, for example with iconv -f UTF-16 -t UTF-8."
      : "Make JSON lines, a JSON array or CSV of it, compressed with gzip or zstd or not at all.";
  return unreadable(file, { what: `it seems to be ${what}, which can't be read`, next });
}
