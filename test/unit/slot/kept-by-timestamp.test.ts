import { expect, test } from "vitest";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { rowsOf, slotWorld } from "../../integration/slot-world.ts";
import { firstShard, kOf, type Reading, reading, type Readings, readingsJob } from "./readings.ts";

/** Each spoils at its next call what it was given before: timestamps read as a user may write them, and not only a field. */
function spoilingTimestamp() {
  let last: { n: number } | undefined;
  return (given: Reading): number => {
    if (last !== undefined) last.n += 1_000;
    last = given as { n: number };
    return given.atMs;
  };
}

const sums = (readings: Readings) =>
  readings.reduce((left, right) => ({ ...left, n: left.n + right.n }), { uid: "sums" });
const ns = Array.from({ length: 8 }, (_, at) => at + 1);

test.each([
  ["json", "aligned", 1],
  ["json", "aligned", 8],
  ["json", "behind an exchange", 8],
  ["jsonLines", "aligned", 1],
  ["jsonLines", "behind an exchange", 1],
] as const)(
  "what a timestamp function keeps of an element is not the operators': %s, %s, %i records at a time",
  async (decoder, where, batch) => {
    const aligned = where === "aligned";
    const job = readingsJob(sums, { aligned, decoder, timestamp: spoilingTimestamp() });
    const world = await slotWorld(job);
    const documents = ns.map((n) => JSON.stringify(reading(n < 5 ? "a" : "b", n)));
    const keyOf = (document: string) => kOf(JSON.parse(document.split("\n")[0]!) as Reading);
    const lines = [documents.slice(0, 4), documents.slice(4)].map((some) => some.join("\n"));
    await world.put("in", decoder === "json" ? documents : lines, keyOf);
    const environment = world.environment();
    for (const stream of ["in", ...(aligned ? [] : [world.exchange])]) {
      const all = await world.records(stream, firstShard);
      for (let at = 0; at < all.length; at += batch) {
        const records = all.slice(at, at + batch);
        await processBatch(environment, { stream, shardId: firstShard, records });
      }
    }
    const rows = (await rowsOf(world.ports, "out")).map((row) => JSON.parse(row) as Reading);
    expect(rows.map(({ k, n }) => [k, n])).toEqual([
      ["a", 1 + 2 + 3 + 4],
      ["b", 5 + 6 + 7 + 8],
    ]);
  },
);
