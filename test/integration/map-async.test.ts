import { describe, expect, test } from "vitest";
import { dynamodbSink, kinesisSink, kinesisSource } from "../../runtime/connectors/index.ts";
import {
  type CallContext,
  type DataStream,
  defineJob,
  elementType,
  type MapAsyncOptions,
  monotonousTimestamps,
  unchecked,
} from "../../runtime/index.ts";
import { processBatch } from "../../runtime/slot/process-batch.ts";
import { runJob } from "../../testing/run-job.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "./slot-world.ts";

interface Item {
  readonly id: string;
  readonly n: number;
}
interface Answer extends Item {
  readonly call: number;
}

type Options = Partial<MapAsyncOptions<Item, Answer>>;

/** A job that asks something for each item, and writes the answers in order. */
function asking(
  ask: (item: Item, context: CallContext) => Promise<Answer>,
  options: Options = {},
  behind: (answers: DataStream<Answer>) => DataStream<Answer> = (answers) => answers,
) {
  return defineJob("asking", (env) => {
    const answers = behind(
      env
        .source(kinesisSource({ stream: "items", schema: unchecked<Item>() }), {
          uid: "items",
          watermarks: monotonousTimestamps(),
        })
        .mapAsync(ask, { uid: "ask", ...options }),
    );
    answers.sinkTo(kinesisSink({ stream: "answers", partitionKey: ({ id }) => id }), {
      uid: "out",
    });
    answers.sinkTo(dynamodbSink({ table: "answers", key: { id: "string" } }), { uid: "rows" });
  });
}

const items = (count: number): Item[] =>
  Array.from({ length: count }, (_, at) => ({ id: `i${at}`, n: at }));

const firstLine = ({ reason }: { readonly reason: string }) => reason.split("\n")[0];

/** Items first, then what they send over the exchange. */
async function pumpAll(world: SlotWorld): Promise<void> {
  const feed = driver({ world, pick: () => world.environment() });
  for (const stream of ["items", world.exchange]) while (await feed.pump(stream));
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await Promise.resolve();
};

describe("mapAsync", () => {
  test("gives the answers in the order of the elements, whichever comes first", async () => {
    const job = asking(async (item) => {
      await turns(50 - item.n);
      return { ...item, call: item.n };
    });
    const { streams, deadLetters } = await runJob(job, { inputs: { items: items(50) }, shards: 1 });
    expect(deadLetters).toEqual([]);
    // A stream may be appended to twice.
    const answers = new Set(streams["answers"]?.map((answer) => JSON.stringify(answer)));
    expect([...answers].map((text) => JSON.parse(text) as Answer)).toEqual(
      items(50).map((item) => ({ ...item, call: item.n })),
    );
  });

  test.each([4, 100])(
    "has as many calls under way at once as its capacity of %i",
    async (capacity) => {
      let [now, most] = [0, 0];
      const job = asking(
        async (item) => {
          most = Math.max(most, ++now);
          await turns(20);
          now -= 1;
          return { ...item, call: 0 };
        },
        { capacity },
      );
      const world = await slotWorld(job);
      await world.put("items", items(40));
      await pumpAll(world);
      expect(most).toBe(Math.min(capacity, 40));
      expect(await rowsOf(world.ports, "answers")).toHaveLength(40);
    },
  );

  test("never asks again for what was committed: over cold starts, other cuts and what comes twice", async () => {
    const asked: string[] = [];
    const job = asking(async (item) => {
      asked.push(item.id);
      return { ...item, call: asked.length };
    });
    const world = await slotWorld(job);
    await world.put("items", items(30));
    let size = 0;
    const feed = driver({
      world,
      pick: () => world.environment(),
      batchSize: () => 1 + (size++ % 7),
      redelivers: () => true,
    });
    while (await feed.pump("items"));
    expect(asked).toEqual(items(30).map(({ id }) => id));
  });

  test("asks again for what failed, as its retries say, and in the end it is a dead letter with no more attempts", async () => {
    const attempts: string[] = [];
    const job = asking(
      async ({ id }, { attempt }) => {
        attempts.push(`${id} ${attempt}`);
        if (id === "i1" && attempt === 3) return { id, n: 1, call: attempt };
        throw new Error(id === "i2" ? "not found" : "busy");
      },
      {
        retry: {
          attempts: 2,
          delay: { milliseconds: 100 },
          multiplier: 3,
          when: (error) => (error as Error).message === "busy",
        },
      },
    );
    const world = await slotWorld(job);
    const beforeMs = world.clock.nowMs();
    await world.put("items", items(3));
    await pumpAll(world);
    expect(attempts.toSorted()).toEqual(["i0 1", "i0 2", "i0 3", "i1 1", "i1 2", "i1 3", "i2 1"]);
    // Two pauses each, of two calls: 100 ms and 300 ms.
    expect(world.clock.nowMs() - beforeMs).toBeGreaterThanOrEqual(800);
    expect(await rowsOf(world.ports, "answers")).toEqual(['{"call":3,"id":"i1","n":1}']);
    const { deadLetters } = await runJob(job, { inputs: { items: items(3) } });
    expect(
      deadLetters.map((letter) => [letter.operator, firstLine(letter), letter.payload]).toSorted(),
    ).toEqual([
      ["ask", 'mapAsync "ask" failed 3 times, at last: busy', '{"id":"i0","n":0}'],
      ["ask", 'mapAsync "ask" failed: not found', '{"id":"i2","n":2}'],
    ]);
  });

  test("without an answer in time the element is a dead letter, or gets what onTimeout gives; the call is told", async () => {
    const aborted: string[] = [];
    const ask = ({ id, n }: Item, { signal }: CallContext) =>
      n === 1
        ? new Promise<Answer>(() => signal.addEventListener("abort", () => void aborted.push(id)))
        : Promise.resolve({ id, n, call: 1 });
    const timeout = { milliseconds: 60 };
    const late = await runJob(asking(ask, { timeout }), { inputs: { items: items(3) } });
    expect(late.deadLetters.map(firstLine)).toEqual([
      'mapAsync "ask" has had no answer for 60 ms.',
    ]);
    expect(late.tables["answers"]).toHaveLength(2);
    const onTimeout = (item: Item) => ({ ...item, call: -1 });
    const given = await runJob(asking(ask, { timeout, onTimeout }), {
      inputs: { items: items(3) },
    });
    expect(given.deadLetters).toEqual([]);
    expect(given.tables["answers"]).toContainEqual({ id: "i1", n: 1, call: -1 });
    expect(new Set(aborted)).toEqual(new Set(["i1"]));
  });

  test("gives back what has no answer in the time of the batch, and commits what is before it", async () => {
    const asked: string[] = [];
    const aborted: string[] = [];
    let isSlow = true;
    const job = asking(({ id, n }, { signal }) => {
      asked.push(id);
      signal.addEventListener("abort", () => void aborted.push(id));
      if (n === 1 && isSlow) return new Promise(() => undefined);
      return Promise.resolve({ id, n, call: 1 });
    });
    const world = await slotWorld(job);
    await world.put("items", items(3));
    const [shard] = await world.ports.reader.listShards("items");
    const { shardId } = shard!;
    const records = await world.records("items", shardId);
    const endMs = world.clock.nowMs() + 2_000;
    const deadline = { remainingMs: () => endMs - world.clock.nowMs() };
    const batch = { stream: "items", shardId, records };
    const outcome = await processBatch(world.environment(), { ...batch, deadline });
    expect(outcome).toEqual({ failedSequence: records[1]!.sequence });
    const feed = driver({ world, pick: () => world.environment() });
    while (await feed.pump(world.exchange));
    expect(await rowsOf(world.ports, "answers")).toHaveLength(1);
    expect(asked).toEqual(["i0", "i1", "i2"]);
    expect(aborted).toEqual(["i1"]);
    isSlow = false;
    const rest = { ...batch, records: records.slice(1) };
    expect(await processBatch(world.environment(), rest)).toEqual({});
    expect(asked.slice(3)).toEqual(["i1", "i2"]);
    while (await feed.pump(world.exchange));
    expect(await rowsOf(world.ports, "answers")).toHaveLength(3);
  });

  test("calls may follow on calls, on state and on timers, and equal elements are calls of their own", async () => {
    let calls = 0;
    const job = asking(
      async (item) => ({ ...item, call: ++calls }),
      {},
      (answers) =>
        answers
          .flatMap((answer) => [answer, answer])
          .keyBy("id")
          .process({
            uid: "pairs",
            emits: elementType<Answer>(),
            onElement: (_, { timers }) => timers.event("end").set(Number.MAX_SAFE_INTEGER),
            onTimer: { end: ({ key, emit }) => emit({ id: key, n: -1, call: 0 }) },
          })
          .mapAsync(async (answer) => ({ ...answer, call: ++calls }), { uid: "again" }),
    );
    const { tables, deadLetters } = await runJob(job, {
      inputs: { items: [...items(5), ...items(5)] },
    });
    expect(deadLetters).toEqual([]);
    expect(tables["answers"]?.map(({ id, n }) => [id, n]).toSorted()).toEqual(
      items(5).map(({ id }) => [id, -1]),
    );
    // Who lost a race has asked in vain.
    expect(calls).toBeGreaterThanOrEqual(15);
  });

  test("user code that fails behind a call is no failure of the call", async () => {
    const job = asking(
      async (item) => ({ ...item, call: 1 }),
      {},
      (answers) =>
        answers.map((answer) => {
          if (answer.n === 2) throw new Error("no twos");
          return answer;
        }),
    );
    const { tables, deadLetters } = await runJob(job, { inputs: { items: items(4) } });
    expect(deadLetters.map(({ operator, reason }) => [operator, reason])).toEqual([
      ["map", "no twos"],
    ]);
    expect(tables["answers"]).toHaveLength(3);
  });

  test.each<[Options, RegExp]>([
    [{ capacity: 0 }, /capacity is 0/],
    [{ timeout: {} }, /timeout is 0 ms/],
    [{ retry: { attempts: -1, delay: {} } }, /retry.attempts is -1/],
    [
      { retry: { attempts: 1, delay: { minutes: 2 }, maxDelay: { minutes: 1 } } },
      /at most 60000 ms/,
    ],
    [
      { retry: { attempts: 1, delay: { days: 30 } } },
      /2592000000 ms; both must be from 0 to 2147483647/,
    ],
    [{ retry: { attempts: 1, delay: {}, multiplier: 0.5 } }, /multiplier is 0.5/],
  ])("options out of range are refused: %o", async (options, message) => {
    const job = asking(async (item) => ({ ...item, call: 1 }), options);
    await expect(runJob(job)).rejects.toMatchObject({
      code: "calls-invalid",
      message: expect.stringMatching(message) as string,
    });
  });
});
