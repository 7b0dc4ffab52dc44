import { keyText } from "../../runtime/embedded/row-text.ts";
import type { Graph } from "../../runtime/graph/node.ts";
import type { DeadLetter } from "../../runtime/job/dead-letter.ts";

/** A dead letter, and the generation that wrote it. */
export interface WrittenLetter {
  readonly generation: number;
  readonly letter: DeadLetter;
}

type Row = Readonly<Record<string, unknown>>;

/**
 * Rows that a table would have if it had not refused them: of the dead letters that hold them the newest of each key. Together with the
 * table they are what the job has written.
 */
export function refusedRows(
  graph: Graph,
  table: string,
  letters: readonly WrittenLetter[],
): readonly Row[] {
  const newest = new Map<string, WrittenLetter>();
  for (const written of letters) {
    const { letter } = written;
    if (letter.kind !== "write-refused" || letter.write?.target !== table) continue;
    const key = keyOf(graph, letter);
    const known = newest.get(key);
    if (known === undefined || isAbove(written, known)) newest.set(key, written);
  }
  return [...newest.values()].flatMap(({ letter }) =>
    letter.write?.kind === "delete" ? [] : [JSON.parse(letter.payload) as Row],
  );
}

function keyOf(graph: Graph, { operator, payload }: DeadLetter): string {
  const node = graph.nodes.find(({ kind, uid }) => kind === "sink" && uid === operator);
  const fields = node?.kind === "sink" ? (node.sink.keyFields ?? []) : [];
  const row = JSON.parse(payload) as Readonly<Record<string, string | number>>;
  return keyText(Object.fromEntries(fields.map((field) => [field, row[field]!])));
}

function isAbove(one: WrittenLetter, other: WrittenLetter): boolean {
  const [left, right] = [one.letter.write!, other.letter.write!];
  const order =
    one.generation - other.generation || left.version - right.version || left.index - right.index;
  return order > 0;
}
