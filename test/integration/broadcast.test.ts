import { expect, test } from "vitest";
import { defaultCoordinatorSettings } from "../../runtime/coordinator/options.ts";
import { createRound } from "../../runtime/coordinator/round.ts";
import { readManifest } from "../../runtime/checkpoint/manifest.ts";
import { dynamodbSink, kinesisSource } from "../../runtime/connectors/index.ts";
import {
  boundedOutOfOrderness,
  checkpointing,
  defineJob,
  elementType,
  type JobDefinition,
  mapState,
  type StreamEnvironment,
  unchecked,
  valueState,
} from "../../runtime/index.ts";
import { readGeneration } from "../../runtime/job/generation.ts";
import { objectNames } from "../../runtime/layout/names.ts";
import { buildPlan } from "../../runtime/planner/build-plan.ts";
import { readSavepoint } from "../../runtime/savepoints/read-savepoint.ts";
import { restore } from "../../runtime/savepoints/restore.ts";
import { createEnvironment } from "../../runtime/slot/image/environment.ts";
import { processBatch } from "../../runtime/slot/process-batch.ts";
import { driver, rowsOf, slotWorld } from "./slot-world.ts";

interface Item {
  readonly key: string;
  readonly atMs: number;
}
interface Rule extends Item {
  readonly atLeast: number;
}

const read = <T extends Item>(env: StreamEnvironment, stream: string) =>
  env.source(kinesisSource({ stream, schema: unchecked<T>() }), {
    uid: stream,
    watermarks: boundedOutOfOrderness<T>({ timestamp: ({ atMs }) => atMs, bound: { seconds: 1 } }),
  });

const options = {
  maxParallelism: 16,
  checkpoints: checkpointing({ interval: { milliseconds: 500 } }),
};
const judged = elementType<{ readonly key: string; readonly n: number; readonly rules: string }>();
const rows = () => dynamodbSink<{ readonly key: string }>({ table: "judged", key: ["key"] });

/** Rules are kept as numbers. */
const before = defineJob(
  "rules",
  (env) =>
    read<Item>(env, "items")
      .keyBy("key")
      .connect(read<Rule>(env, "rules").broadcast({ rules: mapState<string, number>() }))
      .process({
        uid: "judge",
        state: { n: valueState<number>() },
        emits: judged,
        onElement: ({ key }, { state, emit }) => {
          state.n.set((state.n.get() ?? 0) + 1);
          emit({ key, n: state.n.get() ?? 0, rules: "" });
        },
        onBroadcastElement: ({ key, atLeast }, { broadcast }) => broadcast.rules.set(key, atLeast),
      })
      .sinkTo(rows(), { uid: "rows" }),
  options,
);

/** The operator has another name, and rules are objects. */
const after = defineJob(
  "rules",
  (env) => {
    const rules = mapState<string, { readonly atLeast: number }>({
      version: 2,
      migrate: (value) => ({ atLeast: value as number }),
    });
    read<Item>(env, "items")
      .keyBy("key")
      .connect(read<Rule>(env, "rules").broadcast({ rules }))
      .process({
        uid: "judge-2",
        previousUids: ["judge"],
        state: { n: valueState<number>() },
        emits: judged,
        onElement: (_, { state, timers }) => {
          state.n.set((state.n.get() ?? 0) + 1);
          timers.event("end").set(Number.MAX_SAFE_INTEGER);
        },
        onBroadcastElement: ({ key, atLeast }, { broadcast }) =>
          broadcast.rules.set(key, { atLeast }),
        onTimer: {
          end({ key, state, broadcast, emit }) {
            const seen = Array.from(broadcast.rules.entries(), ([name, rule]) => [name, rule]);
            emit({ key, n: state.n.get() ?? 0, rules: JSON.stringify(seen) });
          },
        },
      })
      .sinkTo(rows(), { uid: "rows" });
  },
  options,
);

const keys = Array.from({ length: 12 }, (_, at) => `k${at}`);
const items = (atMs: number): readonly Item[] => keys.map((key) => ({ key, atMs }));
const rule = (key: string, atLeast: number, atMs: number): Rule => ({ key, atLeast, atMs });

async function withEpoch(job: JobDefinition) {
  const world = await slotWorld(job, { sourceShards: 2, exchangeShards: 2 });
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment });
  const round = world.coordinator(() => environment);
  await world.put("rules", [rule("b", 1, 1), rule("a", 2, 2), rule("b", 3, 3)], () => "one");
  await world.put("items", items(10), ({ key }: Item) => key);
  await feed.pump();
  const manifest = objectNames.manifest("rules", 1, 1);
  for (let rounds = 0; (await world.ports.objects.get(manifest)) === undefined; rounds++) {
    expect(rounds).toBeLessThan(50);
    world.clock.advance(300);
    await round();
    await feed.pump();
  }
  return { world, manifest };
}

test("what was broadcast comes through a restore into a changed job at another parallelism, to every slot", async () => {
  const { world, manifest } = await withEpoch(before);
  const { ports } = world;
  const read: unknown[] = [];
  for await (const row of readSavepoint(ports, await readManifest(ports.objects, manifest)))
    if (row.state === "rules") read.push(row);
  expect(read).toEqual([
    { operator: "judge", state: "rules", mapKey: "b", value: 3 },
    { operator: "judge", state: "rules", mapKey: "a", value: 2 },
  ]);

  for (const { shardId } of await ports.reader.listShards(world.exchange))
    await ports.admin.split(world.exchange, shardId);
  const job = { ...world.runtime, graph: after.graph, plan: buildPlan(after.graph) };
  await restore({ job, manifest });

  const environment = createEnvironment(job);
  const feed = driver({ world, pick: () => environment });
  await world.put("rules", [rule("c", 4, 20)], () => "one");
  await world.put("items", items(30), ({ key }: Item) => key);
  for (const stream of ["rules", "items"]) await ports.admin.endStream(stream);
  const settings = { ...defaultCoordinatorSettings, shardListMs: 0, sourceQuietMs: 0 };
  const invoke = async (slot: { readonly stream: string; readonly shardId: string }) =>
    void (await processBatch(environment, { ...slot, records: [] }));
  const round = createRound(
    { job, settings, deadlineMs: Number.POSITIVE_INFINITY, invoker: { invoke } },
    (await readGeneration(ports, "rules"))!,
  );
  await feed.untilEnded(async () => {
    const report = await round();
    await Promise.all(report.invocations);
    return report;
  });
  const rules = JSON.stringify([
    ["a", { atLeast: 2 }],
    ["b", { atLeast: 3 }],
    ["c", { atLeast: 4 }],
  ]);
  expect(await rowsOf(ports, "judged")).toEqual(
    keys.map((key) => JSON.stringify({ key, n: 2, rules })).sort(),
  );
});
