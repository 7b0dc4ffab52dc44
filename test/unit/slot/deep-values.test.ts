import { describe, expect, test } from "vitest";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  defineJob,
  elementType,
  monotonousTimestamps,
  noRestart,
  unchecked,
  valueState,
} from "../../../runtime/index.ts";
import { readDeadLetters } from "../../../runtime/job/dead-letter-objects.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";

interface Item {
  readonly k: string;
  readonly levels: number;
}

function nested(levels: number): unknown {
  let value: unknown = "inside";
  for (let level = 0; level < levels; level++) value = [value];
  return value;
}

const watermarks = monotonousTimestamps<Item>({ timestamp: () => 1_000 });
const restart = noRestart();

const sent = defineJob(
  "deep",
  (env) => {
    env
      .source(kinesisSource({ stream: "in", schema: unchecked<Item>() }), { uid: "in", watermarks })
      .map(({ k, levels }) => ({ k, deep: nested(levels) }))
      .keyBy(({ k }) => k)
      .reduce((_, latest) => latest, { uid: "latest" })
      .map(({ k }) => ({ k }))
      .sinkTo(dynamodbSink<{ k: string }>({ table: "out", key: ["k"] }), { uid: "out" });
  },
  { maxParallelism: 4, restart },
);

const kept = defineJob(
  "deep",
  (env) => {
    env
      .source(kinesisSource({ stream: "in", schema: unchecked<Item>() }), {
        uid: "in",
        watermarks,
        partitionedBy: (item) => item.k,
      })
      .keyBy((item) => item.k)
      .process({
        uid: "keeping",
        state: { deep: valueState<unknown>() },
        emits: elementType<{ k: string }>(),
        onElement({ k, levels }, { state, emit }) {
          state.deep.set(nested(levels));
          emit({ k });
        },
      })
      .sinkTo(dynamodbSink<{ k: string }>({ table: "out", key: ["k"] }), { uid: "out" });
  },
  { maxParallelism: 4, restart },
);

const lettersOf = ({ ports }: SlotWorld) => readDeadLetters(ports.objects, "deep/1/dead-letters/");

describe.each([
  ["sent", sent],
  ["kept", kept],
] as const)("values that are %s", (_, job) => {
  test.each([1_100, 2_000, 3_000, 4_000, 6_000, 20_000])(
    "and nest %i levels go to the dead letters alone, whatever the stack would hold",
    async (levels) => {
      const world = await slotWorld(job);
      const items = Array.from({ length: 9 }, (_, at) => ({
        k: `k${at}`,
        levels: at === 4 ? levels : 400,
      }));
      await world.put("in", items, ({ k }: Item) => k);
      await world.ports.admin.endStream("in");
      const environment = world.environment();
      const feed = driver({ world, pick: () => environment });
      await feed.untilEnded(world.coordinator(() => environment));
      expect(await lettersOf(world)).toMatchObject([
        { payload: expect.stringContaining('"k4"') as string },
      ]);
      expect(await rowsOf(world.ports, "out")).toHaveLength(8);
    },
  );
});
