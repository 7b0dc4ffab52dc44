import type { ObjectStore, StreamPosition } from "../ports/index.ts";
import { type FileLine, lineMaxBytes, readLines } from "./lines-of-file.ts";

const newline = 10;

/**
 * Gives each line of a file its first line, which names the columns, to stand above it: a line is decoded by itself, wherever a slot goes on
 * in a file. The first line is none of the lines.
 */
export function linesUnderNames(
  files: ObjectStore,
): (key: string, lines: readonly FileLine[]) => Promise<readonly FileLine[]> {
  const known = new Map<string, FileLine>();

  async function namesOf(key: string, lines: readonly FileLine[]): Promise<FileLine> {
    const names = known.get(key) ?? (await firstLine(files, key)) ?? lines[0]!;
    known.set(key, names);
    return names;
  }

  return async (key, lines) => {
    if (lines.length === 0) return lines;
    const names = await namesOf(key, lines);
    return lines
      .filter(({ offset }) => offset > names.offset)
      .map(({ offset, data }) => ({ offset, data: under(names.data, data) }));
  };
}

async function firstLine(files: ObjectStore, key: string): Promise<FileLine | undefined> {
  let from: StreamPosition = { kind: "earliest" };
  for (;;) {
    const { lines, isEnd, next } = await readLines(files, { key, from, maxLines: 1 });
    if (lines.length > 0 || isEnd) return lines[0];
    from = next;
  }
}

/** A line that is too long stays so: it is refused by its length. */
function under(names: Uint8Array, line: Uint8Array): Uint8Array {
  if (line.length >= lineMaxBytes) return line;
  const both = new Uint8Array(names.length + 1 + line.length);
  both.set(names);
  both[names.length] = newline;
  both.set(line, names.length + 1);
  return both;
}
