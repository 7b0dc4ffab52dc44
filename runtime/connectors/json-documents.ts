import type { DocumentReader } from "./source-spec.ts";
import { type LargeIntegers, parseJson } from "../serde/parse-json.ts";

export interface JsonFormat {
  /** "json": a record is one JSON document; "json-lines": each line that isn't empty is one. */
  readonly format: "json" | "json-lines";
  /** What becomes of integers beyond 2^53, which a number can't hold. Default: "refuse". */
  readonly largeIntegers?: LargeIntegers;
}

/** A record may hold at most this many lines. */
const maxLines = 100_000;

/** Records that hold JSON as UTF-8. */
export function jsonDocuments({ format, largeIntegers = "refuse" }: JsonFormat): DocumentReader {
  const text = new TextDecoder("utf-8", { fatal: true });

  function textOf(data: Uint8Array): string {
    try {
      return text.decode(data);
    } catch {
      throw new Error("it is not UTF-8");
    }
  }

  return {
    split({ data }) {
      const documents = textOf(data);
      if (format === "json") return [documents];
      const all = documents.split("\n", maxLines + 1);
      const lines = all.includes("") ? all.filter((line) => line.length > 0) : all;
      if (lines.length <= maxLines) return lines;
      throw new Error(`it has more than ${maxLines} lines`);
    },
    parse: (document) => parseJson(document, largeIntegers),
  };
}
