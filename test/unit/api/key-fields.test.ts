import { describe, expect, test } from "vitest";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  type DataStream,
  defineJob,
  elementType,
  type KeyedStream,
  type KeyValue,
  monotonousTimestamps,
  unchecked,
} from "../../../runtime/index.ts";
import { driver, rowsOf, slotWorld } from "../../integration/slot-world.ts";
import { lettersOf } from "../slot/readings.ts";

interface Visit {
  readonly shop: string;
  readonly hour: number;
}

type Keyed = KeyedStream<Visit, KeyValue>;

/** Counts visits by a key, and writes each count with the key as it came. */
const countJob = (keyed: (visits: DataStream<Visit>) => Keyed) =>
  defineJob("readings", (env) => {
    const source = kinesisSource({ stream: "visits", schema: unchecked<Visit>() });
    const visits = env.source(source, { uid: "visits", watermarks: monotonousTimestamps() });
    keyed(visits)
      .process({
        uid: "keys",
        state: {},
        emits: elementType<{ readonly id: string; readonly key: KeyValue }>(),
        onElement: ({ shop, hour }, { key, emit }) => emit({ id: `${shop}-${hour}`, key }),
      })
      .sinkTo(dynamodbSink<{ readonly id: string }>({ table: "keys", key: ["id"] }), {
        uid: "rows",
      });
  });

async function rowsBy(keyed: (visits: DataStream<Visit>) => Keyed, visits: readonly unknown[]) {
  const world = await slotWorld(countJob(keyed), { exchangeShards: 2 });
  await world.put("visits", visits);
  await world.ports.admin.endStream("visits");
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment });
  await feed.untilEnded(world.coordinator(() => environment));
  const rows = (await rowsOf(world.ports, "keys")).map(
    (text) => JSON.parse(text) as { readonly id: string; readonly key: unknown },
  );
  return { world, keys: rows.map(({ id, key }) => [id, key]) };
}

const visits: readonly Visit[] = [
  { shop: "north", hour: 1 },
  { shop: "south", hour: 2 },
];

describe("a key of named fields", () => {
  test("is the value of one field", async () => {
    const { keys } = await rowsBy((all) => all.keyBy("shop"), visits);
    expect(keys).toEqual([
      ["north-1", "north"],
      ["south-2", "south"],
    ]);
  });

  test("is an array of the values of several, in the order of the list", async () => {
    const { keys } = await rowsBy((all) => all.keyBy(["hour", "shop"]), visits);
    expect(keys).toEqual([
      ["north-1", [1, "north"]],
      ["south-2", [2, "south"]],
    ]);
  });

  test("sends an element that does not have them to the dead letters, and goes on", async () => {
    const { world, keys } = await rowsBy(
      (all) => all.keyBy("shop"),
      [{ hour: 3 }, ...visits, { shop: null, hour: 4 }],
    );
    expect(keys).toHaveLength(2);
    const letters = await lettersOf(world);
    expect(letters.map(({ letter }) => letter["reason"])).toEqual([
      expect.stringContaining("A key can't be used: it is undefined."),
      expect.stringContaining("A key can't be used: it is null."),
    ]);
  });
});

describe("fields are refused", () => {
  test.each([
    ["an empty list", []],
    ["an empty name", ""],
    ["a name twice", ["shop", "shop"]],
    ["what is no name", ["shop", 1]],
  ])("%s", (_, fields) => {
    expect(() => countJob((all) => all.keyBy(fields as never))).toThrow(
      expect.objectContaining({ code: "key-fields-invalid", domain: "job" }),
    );
  });
});
