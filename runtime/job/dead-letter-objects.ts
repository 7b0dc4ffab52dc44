import type { ObjectStore } from "../ports/index.ts";
import { type DeadLetter, encodeDeadLetter } from "./dead-letter.ts";
import { joinBytes } from "../serde/join-bytes.ts";

/** Dead letters as they lie in the object store: one JSON text a line. */
export interface DeadLetterObject {
  readonly key: string;
  readonly data: Uint8Array;
  readonly count: number;
}

const lettersMax = 1_000;
const bytesMax = 4_194_304;
const lineEnd = new Uint8Array([10]);

/** Packs letters of one commit: many small ones go into one object, and no object grows without bound. */
export function packDeadLetters(
  letters: readonly DeadLetter[],
  nameOf: (index: number) => string,
): readonly DeadLetterObject[] {
  const objects: DeadLetterObject[] = [];
  let lines: Uint8Array[] = [];
  let bytes = 0;
  const close = (): void => {
    const parts = lines.flatMap((line) => [line, lineEnd]);
    objects.push({ key: nameOf(objects.length), data: joinBytes(parts), count: lines.length });
    lines = [];
    bytes = 0;
  };
  for (const letter of letters) {
    const line = encodeDeadLetter(letter);
    if (lines.length === lettersMax || (lines.length > 0 && bytes + line.length > bytesMax))
      close();
    lines.push(line);
    bytes += line.length;
  }
  if (lines.length > 0) close();
  return objects;
}

/** Reads an object of dead letters, one of an earlier release included: that held a single letter. */
export function unpackDeadLetters(data: Uint8Array): readonly DeadLetter[] {
  return lettersByLine(data).filter((letter) => letter !== undefined);
}

/** The letters of an object; undefined where a line is empty, because its letter was discarded: the others keep their places. */
export function lettersByLine(data: Uint8Array): readonly (DeadLetter | undefined)[] {
  return linesOf(data).map((line) => (line === "" ? undefined : (JSON.parse(line) as DeadLetter)));
}

const linesOf = (data: Uint8Array): readonly string[] => new TextDecoder().decode(data).split("\n");

/** Who refused it: the operator, or the slot whose source could not decode it. */
export const refuserOf = ({ operator, slot }: DeadLetter): string => operator ?? slot;

/** What a letter is called by: the name of its object behind the prefix of all, and its line there. */
export const letterId = (place: string, line: number): string => `${place}:${line}`;

/** A dead letter, and where it lies. */
export interface PlacedDeadLetter {
  readonly key: string;
  /** Its line in the object. */
  readonly index: number;
  readonly letter: DeadLetter;
}

/** All dead letters under a prefix, object by object. */
export async function* placedDeadLetters(
  objects: Pick<ObjectStore, "list" | "get">,
  prefix: string,
): AsyncGenerator<PlacedDeadLetter> {
  for await (const key of objects.list(prefix)) {
    const data = await objects.get(key);
    if (data === undefined) continue;
    for (const [index, letter] of lettersByLine(data).entries())
      if (letter !== undefined) yield { key, index, letter };
  }
}

/** Removes some letters of an object, by their lines: the others keep theirs. A slot that delivers its commit again puts them back. */
export async function discardDeadLetters(
  objects: Pick<ObjectStore, "get" | "put" | "delete">,
  key: string,
  indexes: ReadonlySet<number>,
): Promise<void> {
  const data = await objects.get(key);
  if (data === undefined) return;
  const left = linesOf(data).map((line, index) => (indexes.has(index) ? "" : line));
  if (left.every((line) => line === "")) return await objects.delete([key]);
  await objects.put(key, new TextEncoder().encode(left.join("\n")));
}

/** All dead letters under a prefix, in memory. */
export async function readDeadLetters(
  objects: Pick<ObjectStore, "list" | "get">,
  prefix: string,
): Promise<readonly DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for await (const { letter } of placedDeadLetters(objects, prefix)) letters.push(letter);
  return letters;
}
