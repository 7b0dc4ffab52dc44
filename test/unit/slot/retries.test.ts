import { describe, expect, test } from "vitest";
import type { RestartOptions } from "../../../runtime/graph/restart-strategy.ts";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  defineJob,
  elementType,
  exponentialDelay,
  failureRate,
  fixedDelay,
  monotonousTimestamps,
  noRestart,
  unchecked,
} from "../../../runtime/index.ts";
import { readDeadLetters } from "../../../runtime/job/dead-letter-objects.ts";
import { listRetries } from "../../../runtime/job/retry-memory.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { rowsOf, slotWorld } from "../../integration/slot-world.ts";

interface Item {
  readonly k: string;
  readonly bad?: string;
}

const keyOf = ({ k }: Item): string => k;
const shard = { stream: "in", shardId: "shardId-000000000000" };

/** A slot whose operator fails on bad items as long as `fails` says so; three more attempts, a second apart. */
async function failingSlot(
  fails: (item: Item) => boolean = ({ bad }) => bad !== undefined,
  options: Partial<RestartOptions> = {},
) {
  const job = defineJob(
    "retries",
    (env) => {
      env
        .source(kinesisSource({ stream: "in", schema: unchecked<Item>() }), {
          uid: "in",
          watermarks: monotonousTimestamps({ timestamp: () => 1 }),
          partitionedBy: keyOf,
        })
        .keyBy(keyOf)
        .process({
          uid: "failing",
          emits: elementType<Item>(),
          onElement(item, { emit }) {
            if (fails(item)) throw Object.assign(new Error(`no ${item.k}`), { name: item.bad });
            emit(item);
          },
        })
        .sinkTo(dynamodbSink<Item>({ table: "out", key: ["k"] }), { uid: "out" });
    },
    { restart: fixedDelay({ attempts: 3, delay: { seconds: 1 } }), ...options },
  );
  const world = await slotWorld(job);
  const startMs = world.clock.nowMs();
  let handed = 0;
  return {
    world,
    /** How long the slot has waited. */
    waitedMs: () => world.clock.nowMs() - startMs,
    letters: async () => await readDeadLetters(world.ports.objects, "retries/1/dead-letters/"),
    rows: async () => (await rowsOf(world.ports, "out")).length,
    /** Puts items and hands them over, `batch` at a time, again and again until they are done. */
    async take(items: readonly Item[], batch = 100): Promise<void> {
      await world.put("in", items, keyOf);
      const all = await world.records("in", shard.shardId);
      while (handed < all.length) {
        const records = all.slice(handed, handed + batch);
        const outcome = await processBatch(world.environment(), { ...shard, records });
        const failed = records.findIndex(({ sequence }) => sequence === outcome.failedSequence);
        handed += failed === -1 ? records.length : failed;
      }
    },
  };
}

const items = (count: number, of: (index: number) => Partial<Item>) =>
  Array.from({ length: count }, (_, index): Item => ({ k: `k${index}`, ...of(index) }));
const bad = { bad: "TypeError" };

describe("what is tried again is the step, and not where that has not helped", () => {
  test("300 bad records of a batch cost a shard the attempts of one", async () => {
    const slot = await failingSlot();
    await slot.take(
      items(300, () => bad),
      300,
    );
    expect(await slot.letters()).toHaveLength(300);
    expect(slot.waitedMs()).toBe(3_000);
  });

  test("one in a hundred bad, a batch for each: after three that no attempt helped, the next ones are not tried again", async () => {
    const slot = await failingSlot();
    await slot.take(items(3_000, (index) => (index % 100 === 50 ? bad : {})));
    expect(await slot.letters()).toHaveLength(30);
    expect(await slot.rows()).toBe(2_970);
    expect(slot.waitedMs()).toBe(9_000);
  });

  test("failures of another kind, or of another operator, have their own attempts", async () => {
    const slot = await failingSlot();
    await slot.take(
      items(5, () => bad),
      1,
    );
    expect(slot.waitedMs()).toBe(9_000);
    await slot.take([{ k: "other", bad: "RangeError" }]);
    expect(slot.waitedMs()).toBe(12_000);
  });

  test("once a minute one is tried again: where that helps, all are, until it does not any more", async () => {
    let broken = true;
    let left = 0;
    const slot = await failingSlot((item) => item.bad !== undefined && (broken || left-- > 0));
    const one = async (): Promise<number> => {
      const before = slot.waitedMs();
      await slot.take([{ k: `at ${before}`, ...bad }]);
      return slot.waitedMs() - before;
    };
    expect([await one(), await one(), await one(), await one()]).toEqual([3_000, 3_000, 3_000, 0]);
    slot.world.clock.advance(60_000);
    expect([await one(), await one()]).toEqual([3_000, 0]);
    slot.world.clock.advance(60_000);
    // It fails once, and the attempt that follows helps.
    broken = false;
    left = 1;
    expect(await one()).toBe(1_000);
    left = 1;
    expect(await one()).toBe(1_000);
    broken = true;
    expect(await one()).toBe(3_000);
    expect(await slot.letters()).toHaveLength(4 + 2 + 1);
  });

  test("an element whose failure was passing is processed once, and others that fail alike meanwhile are too", async () => {
    let left = 2;
    const slot = await failingSlot((item) => item.bad !== undefined && left-- > 0);
    await slot.take(items(10, (index) => (index % 2 === 0 ? bad : {})));
    expect(await slot.letters()).toEqual([]);
    expect(await slot.rows()).toBe(10);
    expect(slot.waitedMs()).toBe(2_000);
  });
});

describe("a restart strategy", () => {
  test("with an exponential delay waits longer each time, up to the longest", async () => {
    const restart = exponentialDelay({
      attempts: 5,
      initialBackoff: { seconds: 1 },
      maxBackoff: { seconds: 5 },
      backoffMultiplier: 2,
      jitterFactor: 0,
    });
    const slot = await failingSlot(undefined, { restart });
    await slot.take([{ k: "a", ...bad }]);
    expect(await slot.letters()).toHaveLength(1);
    expect(slot.waitedMs()).toBe(1_000 + 2_000 + 4_000 + 5_000 + 5_000);
  });

  test("with jitter waits a little longer or shorter, and never longer than the longest", async () => {
    const restart = exponentialDelay({
      attempts: 20,
      initialBackoff: { seconds: 10 },
      maxBackoff: { seconds: 10 },
      jitterFactor: 0.5,
    });
    const slot = await failingSlot(undefined, { restart });
    await slot.take([{ k: "a", ...bad }]);
    expect(slot.waitedMs()).toBeGreaterThanOrEqual(20 * 5_000);
    expect(slot.waitedMs()).toBeLessThan(20 * 10_000);
  });

  test("of a failure rate gives up what fails too often within a time, and not what fails as often in a longer one", async () => {
    const rate = { maxFailuresPerInterval: 3, failureRateInterval: { seconds: 10 } };
    const often = await failingSlot(undefined, {
      restart: failureRate({ ...rate, delay: { seconds: 1 } }),
    });
    await often.take([{ k: "a", ...bad }]);
    expect(await often.letters()).toHaveLength(1);
    expect(often.waitedMs()).toBe(3_000);
    let left = 50;
    const seldom = await failingSlot((item) => item.bad !== undefined && left-- > 0, {
      restart: failureRate({ ...rate, delay: { seconds: 4 } }),
    });
    await seldom.take([{ k: "a", ...bad }]);
    expect(await seldom.letters()).toEqual([]);
    expect(seldom.waitedMs()).toBe(50 * 4_000);
    // No more times are kept than the rate asks for: all places of an element have theirs in one row.
    const { control } = seldom.world.ports;
    const [known] = await listRetries({ control }, { job: "retries", generation: 1 });
    expect(Object.values(known?.memory.failedAtMs ?? {})).toEqual([expect.any(Array)]);
    expect(Object.values(known?.memory.failedAtMs ?? {})[0]).toHaveLength(4);
  });

  test("of an operator goes before that of the job", async () => {
    const slot = await failingSlot(undefined, { operatorRestart: { failing: noRestart() } });
    await slot.take([{ k: "a", ...bad }]);
    expect(await slot.letters()).toHaveLength(1);
    expect(slot.waitedMs()).toBe(0);
    const other = await failingSlot(undefined, { operatorRestart: { out: noRestart() } });
    await other.take([{ k: "a", ...bad }]);
    expect(other.waitedMs()).toBe(3_000);
    await expect(
      failingSlot(undefined, { operatorRestart: { faling: noRestart() } }),
    ).rejects.toMatchObject({ code: "restart-invalid" });
  });
});
