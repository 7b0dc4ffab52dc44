import { expect, test } from "vitest";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  defineJob,
  type JobDefinition,
  monotonousTimestamps,
  noRestart,
  unchecked,
} from "../../../runtime/index.ts";
import { listProgress } from "../../../runtime/job/progress.ts";
import { driver, slotWorld } from "../../integration/slot-world.ts";

interface Item {
  readonly k: string;
  /** Where user code throws. */
  readonly at: string;
}

const restart = noRestart();
const options = { maxParallelism: 4, restart };
const source = () => kinesisSource({ stream: "in", schema: unchecked<Item>() });
const watermarks = monotonousTimestamps<Item>({ timestamp: () => 1 });
const out = (table: string) => dynamodbSink<Item>({ table, key: ["k"] });

function failAt<T extends Item>(place: string, item: T): T {
  if (item.at === place) throw new Error(`fails in ${place}`);
  return item;
}

/** Dead letters by operator, over all slots. */
async function counts(job: JobDefinition, items: readonly unknown[]): Promise<unknown> {
  const world = await slotWorld(job);
  await world.put("in", items, () => "p");
  await world.ports.admin.endStream("in");
  const environment = world.environment();
  await driver({ world, pick: () => environment }).untilEnded(world.coordinator(() => environment));
  const slots = await listProgress(world.ports, { job: "counts", generation: 1 });
  return Object.assign({}, ...slots.map(({ counters }) => counters.deadLettersByOperator ?? {}));
}

test("dead letters are counted for the operator that failed, whatever the others are called", async () => {
  const job = defineJob(
    "counts",
    (env) => {
      const keyed = env.source(source(), { uid: "in", watermarks }).keyBy(({ k }) => k);
      for (const uid of ["sums-daily", "sums", "daily", "sums-hourly"])
        keyed
          .reduce((_, item) => failAt(uid, item), { uid })
          .sinkTo(out(`table-${uid}`), { uid: `out-${uid}` });
    },
    options,
  );
  const twice = (at: string) => [
    { k: "a", at: "" },
    { k: "a", at },
  ];
  const found = await counts(job, ["sums", "daily"].flatMap(twice));
  expect(found).toEqual({ "sums-daily/sums": 1, "sums-daily/daily": 1 });
});

test("operators without a uid are told apart, and so are a selector and a sink", async () => {
  const job = defineJob(
    "counts",
    (env) => {
      env
        .source(source(), { uid: "in", watermarks })
        .map((item) => failAt("first", item))
        .map((item) => failAt("second", item))
        .keyBy((item) => failAt("key", item).k)
        .reduce((_, item) => item, { uid: "latest" })
        .sinkTo(
          dynamodbSink({ table: "out", key: ["k"], toRow: (item: Item) => failAt("row", item) }),
          { uid: "out" },
        );
    },
    options,
  );
  const items = ["second", "key", "row", "second", "good"].map((at) => ({ k: at, at }));
  expect(await counts(job, ["no json", ...items])).toEqual({
    "in/in": 1,
    "in/map-2": 2,
    "latest/keyBy-3": 1,
    "out/out": 1,
  });
});
