import type { Outcome } from "../shape.ts";
import {
  appendedTo,
  differences,
  lastNumbers,
  letterDifferences,
  letterText,
  refusedText,
  rowDifferences,
  stateDifferences,
  told,
  trappedText,
} from "./compare.ts";
import type { Count } from "./count-job.ts";
import type { PlannedFeed } from "./feed.ts";
import type { Item } from "./item.ts";

/** Compares what the count job left with the counts of a plain loop. `copies` tells how often items were put. */
export function countDifferences(
  { items, refused }: PlannedFeed,
  outcome: Outcome,
  copies: ReadonlyMap<string, number> = new Map(),
): string[] {
  const letters = refused.map(({ payload }) => refusedText(payload));
  const written = Map.groupBy(outcome.deadLetters.map(letterText), (text) => text);
  const counted = new Map<string, Item[]>();
  for (const { item } of items) {
    if (item.trap === "read") {
      // What fails in the source's stage is not remembered as read: a copy fails again, unless a later version has come.
      const letter = trappedText("map", item);
      const found = written.get(letter)?.length ?? 0;
      const count = Math.max(1, Math.min(found, copies.get(item.id) ?? 1));
      letters.push(...Array.from({ length: count }, () => letter));
    } else if (item.trap === "count") letters.push(trappedText("count", item));
    else counted.set(item.key, [...(counted.get(item.key) ?? []), item]);
  }
  const rows = Array.from(counted, ([key, own]) => ({
    key,
    n: own.length,
    sum: own.reduce((sum, { value }) => sum + value, 0),
  }));
  return [
    ...letterDifferences(outcome, letters),
    ...rowDifferences(outcome, "counts", rows),
    ...logDifferences(counted, appendedTo(outcome, "count-log")),
    ...stateDifferences(
      outcome,
      "count/count/n",
      rows.map(({ key, n }) => [key, undefined, n]),
    ),
    ...stateDifferences(
      outcome,
      "count/count/sum",
      rows.map(({ key, sum }) => [key, undefined, sum]),
    ),
    ...stateDifferences(outcome, "count/count/last", lastNumbers(counted)),
  ];
}

/** Every count of a key is there once, under an item of the key; items of one producer count upwards. */
function logDifferences(
  counted: ReadonlyMap<string, readonly Item[]>,
  log: readonly Pick<Count, "key" | "n" | "id">[],
): string[] {
  const byId = new Map(log.map(({ id, n }) => [id, n]));
  const wrong: string[] = [];
  for (const own of counted.values()) {
    const lastOfProducer = new Map<string, number>();
    for (const { id, from } of own) {
      const n = byId.get(id) ?? 0;
      if (n <= (lastOfProducer.get(from) ?? 0)) wrong.push(`${id} as number ${n}`);
      lastOfProducer.set(from, n);
    }
  }
  const expectedCounts = [...counted].flatMap(([key, own]) =>
    own.map((_, index) => `${key} ${index + 1}`),
  );
  const expectedIds = [...counted].flatMap(([key, own]) => own.map(({ id }) => `${key} ${id}`));
  return [
    ...differences(
      "The counts of stream count-log",
      expectedCounts,
      log.map(({ key, n }) => `${key} ${n}`),
    ),
    ...differences(
      "The items of stream count-log",
      expectedIds,
      log.map(({ key, id }) => `${key} ${id}`),
    ),
    ...told("Stream count-log has, after later ones of the same producer,", wrong),
  ];
}
