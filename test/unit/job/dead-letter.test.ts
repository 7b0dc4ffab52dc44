import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  defineJob,
  type JobDefinition,
  monotonousTimestamps,
  noRestart,
  tumblingWindows,
  unchecked,
} from "../../../runtime/index.ts";
import type { DeadLetter } from "../../../runtime/job/dead-letter.ts";
import { readDeadLetters } from "../../../runtime/job/dead-letter-objects.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";

interface Item {
  readonly k: string;
  readonly n: number;
}

const watermarks = monotonousTimestamps<Item>({ timestamp: () => 1_000 });

/** A job without keys that makes of each item what `make` answers, and then fails on those with n = -1 by throwing `thrown`. */
function failing(make: (item: Item) => unknown, thrown: () => unknown): JobDefinition {
  return defineJob(
    "letters",
    (env) => {
      env
        .source(kinesisSource({ stream: "in", schema: unchecked<Item>() }), {
          uid: "in",
          watermarks,
        })
        .map((item) => ({ made: make(item), item }))
        .filter(({ item }) => {
          if (item.n === -1) throw thrown();
          return true;
        })
        .map(({ item }) => item)
        .sinkTo(dynamodbSink<Item>({ table: "out", key: ["k"] }), { uid: "out" });
    },
    { maxParallelism: 4, restart: noRestart() },
  );
}

const shard = { stream: "in", shardId: "shardId-000000000000" };

async function runAll(job: JobDefinition, documents: readonly (string | Uint8Array | object)[]) {
  const world = await slotWorld(job);
  const utf8 = new TextEncoder();
  const data = (document: string | Uint8Array | object) =>
    document instanceof Uint8Array
      ? document
      : utf8.encode(typeof document === "string" ? document : JSON.stringify(document));
  await world.ports.writer.put(
    "in",
    documents.map((document) => ({ partitionKey: "p", data: data(document) })),
  );
  await world.ports.admin.endStream("in");
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment });
  await feed.untilEnded(world.coordinator(() => environment));
  return { rows: await rowsOf(world.ports, "out"), letters: await lettersOf(world) };
}

const lettersOf = ({ ports }: SlotWorld) =>
  readDeadLetters(ports.objects, "letters/1/dead-letters/");

const good: Item = { k: "good", n: 1 };
const bad: Item = { k: "bad", n: -1 };
const goodRow = '{"k":"good","n":1}';

const cyclic: Record<string, unknown> = {};
cyclic["self"] = cyclic;
const throwing = (): never => {
  throw new Error("hostile");
};
const traps = new Proxy({}, { get: throwing, getPrototypeOf: throwing, ownKeys: throwing });
let nested: unknown = "deep";
for (let level = 0; level < 20_000; level++) nested = [nested];
let shared: unknown[] = ["leaf"];
for (let level = 0; level < 40; level++) shared = [shared, shared];

const hostile: readonly (readonly [string, () => unknown])[] = [
  ["undefined", () => undefined],
  ["a bigint", () => 12n],
  ["a symbol", () => Symbol("s")],
  ["a function", () => () => 1],
  ["a cycle", () => cyclic],
  ["a hostile toJSON", () => ({ toJSON: throwing })],
  [
    "a getter that throws",
    () => Object.defineProperty({}, "x", { enumerable: true, get: throwing }),
  ],
  ["a proxy whose traps throw", () => traps],
  ["a revoked proxy", () => revoked()],
  ["no prototype", () => Object.create(null) as object],
  ["20,000 levels", () => nested],
  ["40 levels that are shared: a trillion leaves", () => shared],
  ["a megabyte of text", () => "x".repeat(1_048_576)],
  ["a lone surrogate", () => "\ud800"],
  ["a date that is none", () => new Date(Number.NaN)],
  ["a Map of a Map", () => new Map([[new Map(), new Set([1n])]])],
];

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

describe("nothing in the path of bad data throws", () => {
  test.each(hostile)("where the element in front of the operator is %s", async (_, make) => {
    const { rows, letters } = await runAll(
      failing(make, () => new Error("no")),
      [good, bad, good],
    );
    expect(rows).toEqual([goodRow]);
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ kind: "user-code", operator: "filter", reason: "no" });
    expect(letters[0]!.document ?? letters[0]!.payload).toBe(JSON.stringify(bad));
  });

  test.each(hostile)("where %s is thrown", async (_, thrown) => {
    const { rows, letters } = await runAll(
      failing(() => 1, thrown),
      [good, bad, good],
    );
    expect(rows).toEqual([goodRow]);
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ kind: "user-code", operator: "filter" });
    expect(typeof letters[0]!.reason).toBe("string");
    expect(letters[0]!.reason.length).toBeLessThan(10_000);
  });

  test("where an error says nothing, or too much", async () => {
    const odd: readonly (() => unknown)[] = [
      () => Object.defineProperty(new Error("x"), "message", { get: throwing }),
      () => Object.assign(new Error("x"), { message: cyclic }),
      () => new Error("m".repeat(5_000_000)),
      () => new Proxy(new Error("x"), { get: () => true }),
      () => Object.assign(new Error("x"), { [Symbol.for("millrace.error")]: true, domain: "job" }),
    ];
    for (const thrown of odd) {
      const { rows, letters } = await runAll(
        failing(() => 1, thrown),
        [good, bad, good],
      );
      expect(rows).toEqual([goodRow]);
      expect(letters).toHaveLength(1);
      expect(letters[0]!.reason.length).toBeLessThan(10_000);
    }
  });

  test("whatever is thrown and whatever is in hand", async () => {
    // Functions that make them: fast-check itself stumbles over some.
    const strange = fc.oneof(
      fc.constantFrom(...hostile.map(([, make]) => make)),
      fc.anything().map((value) => () => value),
    );
    // A trillion leaves are copied up to the most that is allowed, which takes a second: once, above, is enough.
    const inHand = strange.filter((make) => make() !== shared);
    await fc.assert(
      fc.asyncProperty(inHand, strange, async (made, thrown) => {
        const { rows, letters } = await runAll(failing(made, thrown), [good, bad, good]);
        expect(rows).toEqual([goodRow]);
        expect(letters).toHaveLength(1);
      }),
      { numRuns: 100 },
    );
  });

  test("where documents are any bytes", async () => {
    const { rows, letters } = await runAll(
      failing(
        () => 1,
        () => 1,
      ),
      [good],
    );
    expect([rows, letters]).toEqual([[goodRow], []]);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1 }), { maxLength: 20 }),
        async (all) => {
          const filter = failing(
            () => 1,
            () => new Error("no"),
          );
          const found = await runAll(filter, [...all, good]);
          expect(found.rows).toContain(goodRow);
          for (const letter of found.letters)
            expect(documentsOf(letter)).toBeInstanceOf(Uint8Array);
        },
      ),
      { numRuns: 50 },
    );
  });
});

/** The bytes of the source's document, as the letter has them. */
function documentsOf(letter: DeadLetter): Uint8Array {
  const text = letter.document ?? letter.payload;
  return letter.encoding === "base64"
    ? new Uint8Array(Buffer.from(text, "base64"))
    : new TextEncoder().encode(text);
}

describe("a dead letter holds the source's document", () => {
  test("of 20,000 levels, which were refused before user code saw them", async () => {
    const deep = "[".repeat(20_000) + "]".repeat(20_000);
    let seen = 0;
    const job = failing(
      () => (seen += 1),
      () => new Error("no"),
    );
    const { rows, letters } = await runAll(job, [good, deep, good]);
    expect(rows).toEqual([goodRow]);
    expect(seen).toBe(2);
    expect(letters).toMatchObject([{ kind: "undecodable", payload: deep }]);
    expect(letters[0]!.reason).toContain("500 levels");
  });

  test("of 500 levels and brackets in texts: these are no nesting", async () => {
    const at = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
    const text = JSON.stringify({ ...good, text: "[{".repeat(5_000) + '"\\' });
    const { letters, rows } = await runAll(
      failing(
        () => 1,
        () => 1,
      ),
      [`{"k":"five","n":1,"x":${at(499)}}`, `{"k":"more","n":1,"x":${at(500)}}`, text],
    );
    // The row is too deep for DynamoDB; the source took it all the same.
    expect(letters.map(({ kind }) => kind).sort()).toEqual(["undecodable", "user-code"]);
    expect(rows).toHaveLength(1);
  });

  test("byte by byte where it is not UTF-8, and says so", async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, at) => (at * 7) % 256);
    const { letters } = await runAll(
      failing(
        () => 1,
        () => 1,
      ),
      [bytes],
    );
    expect(letters).toMatchObject([{ kind: "undecodable", encoding: "base64" }]);
    expect(Buffer.from(letters[0]!.payload, "base64").equals(bytes)).toBe(true);
    expect(letters[0]!.cut).toBeUndefined();
  });

  test("as it was put, although the schema made something else of it", async () => {
    const document = '{ "n": -1.0, "k": "bad", "more": [1,  2] }';
    const { letters } = await runAll(
      failing(
        ({ k }) => `made of ${k}`,
        () => new Error("no"),
      ),
      [document],
    );
    expect(letters).toMatchObject([
      {
        document,
        payload: '{"n":-1,"k":"bad","more":[1,2]}',
        input: '{"made":"made of bad","item":{"n":-1,"k":"bad","more":[1,2]}}',
        operator: "filter",
      },
    ]);
  });

  test("and tells what had to be cut", async () => {
    const { letters } = await runAll(
      failing(
        () => "y".repeat(400_000),
        () => new Error("no"),
      ),
      [{ ...bad, pad: "x".repeat(300_000) }],
    );
    expect(letters[0]!.cut).toEqual(["payload", "input"]);
    expect(JSON.parse(letters[0]!.document!)).toMatchObject(bad);
  });

  test("line by line, and the whole record where that has too many lines", async () => {
    const lines = '{"k":"a","n":1}\nno json\n{"k":"bad","n":-1}\n';
    const many = "1\n".repeat(100_001);
    const job = defineJob("letters", (env) => {
      env
        .source(kinesisSource({ stream: "in", schema: unchecked<Item>(), decoder: "jsonLines" }), {
          uid: "in",
          watermarks,
        })
        .sinkTo(dynamodbSink<Item>({ table: "out", key: ["k"] }), { uid: "out" });
    });
    const { letters } = await runAll(job, [lines, many]);
    expect(letters.map(({ payload }) => payload)).toEqual(["no json", many]);
  });
});

describe("a dead letter tells where it comes from", () => {
  const windows = (withTimer: boolean) =>
    defineJob(
      "letters",
      (env) => {
        env
          .source(kinesisSource({ stream: "in", schema: unchecked<Item>() }), {
            uid: "in",
            watermarks: monotonousTimestamps({ timestamp: ({ n }) => Math.abs(n) }),
          })
          .keyBy(({ k }) => [k, 5n])
          .window(tumblingWindows({ size: { milliseconds: 100 } }), { uid: "sums" })
          .aggregate(
            {
              create: () => 0,
              add(sum, { n }) {
                if (n < 0) throw new Error("negative");
                return sum + n;
              },
              result(sum) {
                if (withTimer) throw new Error("no result");
                return sum;
              },
            },
            (sum, { key }) => ({ k: key[0], sum }),
          )
          .sinkTo(dynamodbSink<{ k: string; sum: number }>({ table: "out", key: ["k"] }), {
            uid: "out",
          });
      },
      { maxParallelism: 4, restart: noRestart() },
    );

  test("key and window, for an element that a window could not take", async () => {
    const { letters } = await runAll(windows(false), [{ k: "a", n: -250 }]);
    expect(letters).toMatchObject([
      {
        operator: "sums",
        key: ["a", "5n"],
        window: { startMs: 200, endMs: 300 },
        payload: '{"k":"a","n":-250}',
        sentBy: { slot: "in/shardId-000000000000", version: 1 },
      },
    ]);
  });

  test("timer, key and window, for a window that had no result", async () => {
    const { letters } = await runAll(windows(true), [{ k: "a", n: 250 }]);
    expect(letters).toMatchObject([
      {
        operator: "sums",
        window: { startMs: 200, endMs: 300 },
        timer: { stage: "sums", key: ["a", "5n"], timeMs: 299 },
      },
    ]);
  });

  test("under a name of its own, whatever the keys are", async () => {
    const long = "k".repeat(300);
    const timers = defineJob(
      "letters",
      (env) => {
        env
          .source(
            kinesisSource({ stream: "in", schema: unchecked<{ keys: (string | number)[] }>() }),
            {
              uid: "in",
              watermarks: monotonousTimestamps({ timestamp: () => 1 }),
            },
          )
          .flatMap(({ keys }) => keys)
          .keyBy((key) => key)
          .process({
            uid: "timed",
            onElement: (_, ctx) => ctx.timers.event("soon").set(10),
            onTimer: {
              soon() {
                throw new Error("no");
              },
            },
          })
          .sinkTo(dynamodbSink<{ k: string }>({ table: "out", key: ["k"] }), { uid: "out" });
      },
      { maxParallelism: 1, restart: noRestart() },
    );
    const keys = [1, "1", `${long}a`, `${long}b`, "a-b", "a/b", "a%2Fb", ""];
    const { letters } = await runAll(timers, [{ keys }]);
    expect(letters).toHaveLength(keys.length);
    expect(new Set(letters.map(({ timer }) => timer!.key))).toEqual(new Set(keys));
  });
});

test("a batch of bad data is handed over twice and written once", async () => {
  const world = await slotWorld(
    failing(
      () => 1,
      () => new Error("no"),
    ),
  );
  await world.put("in", [bad, good], () => "p");
  const records = await world.records("in", shard.shardId);
  await processBatch(world.environment(), { ...shard, records });
  await processBatch(world.environment(), { ...shard, records });
  expect(await lettersOf(world)).toHaveLength(1);
});
