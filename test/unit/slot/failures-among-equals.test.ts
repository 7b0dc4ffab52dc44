import { describe, expect, test } from "vitest";
import { patternsOf } from "../../../runtime/patterns/index.ts";
import { driver, rowsOf, slotWorld } from "../../integration/slot-world.ts";
import { kOf, lettersOf, type Reading, reading, type Readings, readingsJob } from "./readings.ts";

interface Sum {
  readonly k: string;
  readonly sum: number;
}

const isBad = ({ n }: Reading): boolean => n < 0;
const refused = ({ n }: Reading): never => {
  throw new RangeError(`n is ${n}`);
};

/** Runs a job over some readings of one key to its end; answers its rows and what its dead letters were about. */
async function run(
  job: (readings: Readings) => ReturnType<Parameters<typeof readingsJob>[0]>,
  readings: readonly Reading[],
  aligned: boolean,
): Promise<{ readonly rows: readonly string[]; readonly inputs: readonly unknown[] }> {
  const world = await slotWorld(readingsJob(job, { aligned, key: ["k", "sum"] }));
  await world.put("in", readings, kOf);
  await world.ports.admin.endStream("in");
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment });
  await feed.untilEnded(world.coordinator(() => environment));
  const letters = await lettersOf(world);
  return {
    rows: await rowsOf(world.ports, "out"),
    inputs: letters.map(({ letter }) => JSON.parse(String(letter["input"]))),
  };
}

/** All of one moment. */
const moment = [4, -1, 8, -2, 16, -3].map((n) => reading("a", n, 2_000));
const bad = moment.filter(isBad);

describe.each([true, false])("of what waits for one moment, aligned: %s", (aligned) => {
  test("a pattern loses the elements that its condition throws on, each a dead letter of its own", async () => {
    const found: number[] = [];
    const triples = (readings: Readings) =>
      readings
        .pattern(
          patternsOf<Reading>()
            .begin("three")
            .where((value) => (isBad(value) ? refused(value) : true))
            .times(3)
            .within({ hours: 1 }),
          { uid: "triples" },
        )
        .select(({ three }): Sum => {
          found.push(three.length);
          return { k: "a", sum: three.reduce((sum, { n }) => sum + n, 0) };
        });
    const { rows, inputs } = await run(triples, moment, aligned);
    expect(rows).toEqual(['{"k":"a","sum":28}']);
    expect(inputs).toEqual(bad);
  });

  test("a comparator that throws on an element costs that one alone", async () => {
    const pairs = (readings: Readings) =>
      readings
        .pattern(patternsOf<Reading>().begin("three").times(3).consecutive().within({ hours: 1 }), {
          uid: "triples",
          comparator: (one, other) =>
            isBad(one) ? refused(one) : isBad(other) ? refused(other) : other.n - one.n,
        })
        .select(({ three }): Sum => ({
          k: "a",
          sum: three.reduce((digits, { n }) => digits * 100 + n, 0),
        }));
    const { rows, inputs } = await run(pairs, moment, aligned);
    expect(rows).toEqual(['{"k":"a","sum":160804}']);
    expect(inputs).toEqual(bad);
  });

  test("an outer join loses those that its function throws on, where they have met no partner", async () => {
    const alone = (readings: Readings) =>
      readings
        .intervalJoin(readings.filter(({ n }) => n > 1_000).keyBy(kOf), {
          uid: "alone",
          between: [{ seconds: 0 }, { seconds: 1 }],
          type: "left",
        })
        .apply((value): Sum => (isBad(value) ? refused(value) : { k: value.k, sum: value.n }));
    const { rows, inputs } = await run(alone, moment, aligned);
    expect(rows.toSorted()).toEqual([
      '{"k":"a","sum":16}',
      '{"k":"a","sum":4}',
      '{"k":"a","sum":8}',
    ]);
    expect(inputs).toEqual(bad);
  });
});
