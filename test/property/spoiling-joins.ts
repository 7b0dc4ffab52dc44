import { dynamodbSink, kinesisSource } from "../../runtime/connectors/index.ts";
import {
  boundedOutOfOrderness,
  type DataStream,
  defineJob,
  type JobDefinition,
  slidingWindows,
  unchecked,
} from "../../runtime/index.ts";
import { type Bought, spoil, spoiler, texts } from "./spoiling-job.ts";

/** What a user's pairs sum up to; those who met nobody count for themselves. */
interface Sum {
  readonly user: string;
  readonly pairs: number;
  readonly alone: number;
  readonly n: number;
}

const lowerMs = -3_000;
const upperMs = 9_000;
const sizeMs = 10_000;
const slideMs = 5_000;

const added = (left: Sum, right: Sum): Sum => ({
  user: left.user,
  pairs: left.pairs + right.pairs,
  alone: left.alone + right.alone,
  n: left.n + right.n,
});

/** Joins of what was bought with what was bought as a gift; nothing is late, so that the order of arrival does not matter. */
export function joinsJob(aligned: boolean): JobDefinition {
  return defineJob(
    "joins",
    (env) => {
      const bought = env.source(kinesisSource({ stream: "bought", schema: unchecked<Bought>() }), {
        uid: "bought",
        watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: { hours: 1 } }),
        ...(aligned && { partitionedBy: (one: Bought) => one.user }),
      });
      const [spoilLeft, spoilRight] = [spoiler(), spoiler()];
      bought
        .keyBy("user")
        .intervalJoin(bought.filter(({ tags }) => tags.includes("gift")).keyBy("user"), {
          uid: "near",
          type: "left",
          between: [{ milliseconds: lowerMs }, { milliseconds: upperMs }],
        })
        .apply((left, right, { key }): Sum => {
          const isPair = right !== undefined;
          const sum = { user: key, ...(isPair ? pairOf(left, right) : aloneOf(left)) };
          for (const value of [left, right]) spoil(value);
          spoilLeft(left, sum);
          spoilRight(right);
          return sum;
        })
        .keyBy("user")
        .reduce(added, { uid: "sums" })
        .sinkTo(dynamodbSink({ table: "near", key: ["user"] }), { uid: "near-rows" });
      inWindows(bought);
      asOf(bought);
      rollingAggregates(bought);
    },
    { maxParallelism: 16, restart: { kind: "fixed-delay", attempts: 1, delayMs: 1 } },
  );
}

/** The same two in sliding windows, as pairs and as lists; what a user's windows give is summed up. */
function inWindows(bought: DataStream<Bought>): void {
  const gifts = bought.filter(({ tags }) => tags.includes("gift")).keyBy("user");
  const window = slidingWindows({
    size: { milliseconds: sizeMs },
    slide: { milliseconds: slideMs },
  });
  const [spoilPair, spoilLists] = [spoiler(), spoiler()];
  const pairs = bought
    .keyBy("user")
    .windowJoin(gifts, { uid: "in-window", window, type: "left" })
    .apply((left, right, { key }): Sum => {
      const sum = { user: key, ...(right === undefined ? aloneOf(left) : pairOf(left, right)) };
      for (const value of [left, right]) spoil(value);
      spoilPair(left, right, sum);
      return sum;
    });
  const lists = bought
    .keyBy("user")
    .coGroup(gifts, { uid: "grouped", window })
    .apply((left, right, { key }): readonly Sum[] => {
      const sum = {
        user: key,
        pairs: left.length * right.length,
        alone: right.length === 0 ? left.length : 0,
        n: [...left, ...right].reduce((total, { n }) => total + n, 0),
      };
      for (const value of [...left, ...right]) spoil(value);
      spoilLists(...left, ...right, sum);
      return [sum];
    });
  for (const [table, sums] of [
    ["in-window", pairs],
    ["grouped", lists],
  ] as const)
    sums
      .keyBy("user")
      .reduce(added, { uid: `${table}-sums` })
      .sinkTo(dynamodbSink({ table, key: ["user"] }), { uid: `${table}-rows` });
}

/** The same two, each with the last gift up to its time. */
function asOf(bought: DataStream<Bought>): void {
  const gifts = bought.filter(({ tags }) => tags.includes("gift")).keyBy("user");
  const spoilAsOf = spoiler();
  bought
    .keyBy("user")
    .temporalJoin(
      // Of those of one time the order is that of arrival: they are to be alike.
      gifts
        .map(({ user, atMs, n }) => ({ user, atMs, n: n > 0 ? 1 : 0, tags: [user] }))
        .keyBy("user"),
      { uid: "as-of", type: "left", deletes: (gift) => gift.atMs % 700 === 0 },
    )
    .apply((left, gift, { key }): Sum => {
      const sum = {
        user: key,
        pairs: gift === undefined ? 0 : 1,
        alone: gift === undefined ? 1 : 0,
        n: left.n + (gift?.n ?? 0) * 100 + ((gift?.atMs ?? 0) % 1_000),
      };
      for (const value of [left, gift]) spoil(value);
      spoilAsOf(left, gift, sum);
      return sum;
    })
    .keyBy("user")
    .reduce(added, { uid: "as-of-sums" })
    .sinkTo(dynamodbSink({ table: "as-of", key: ["user"] }), { uid: "as-of-rows" });
}

/** Sums and extremes, in pieces that don't depend on the order of arrival. */
function rollingAggregates(bought: DataStream<Bought>): void {
  const [spoilSum, spoilLast] = [spoiler(), spoiler()];
  bought
    .map(({ user, n }) => ({ user, n }))
    .keyBy("user")
    .sum("n", { uid: "summed" })
    .map((row) => {
      const answer = { ...row };
      spoilSum(row, answer);
      return answer;
    })
    .sinkTo(dynamodbSink({ table: "summed", key: ["user"] }), { uid: "summed-rows" });
  bought
    .map(({ user, atMs }) => ({ user, atMs, times: [atMs] }))
    .keyBy("user")
    .maxBy("atMs", { uid: "last" })
    .map((row) => {
      const answer = { ...row };
      spoilLast(row, answer);
      return answer;
    })
    .sinkTo(dynamodbSink({ table: "last", key: ["user"] }), { uid: "last-rows" });
}

const pairOf = (left: Bought, right: Bought) => ({
  pairs: 1,
  alone: 0,
  n: left.n * 10 + right.n + left.tags.length,
});
const aloneOf = (left: Bought) => ({ pairs: 0, alone: 1, n: left.n });

/** The same by plain computation on values that nobody changes: the rows of each table as `rowsOf` gives them. */
export function plainJoins(
  bought: readonly Bought[],
): Record<"near" | "in-window" | "grouped" | "as-of" | "summed" | "last", readonly string[]> {
  const sums: Sum[] = [];
  for (const left of bought) {
    const partners = bought.filter(
      ({ user, atMs, tags }) =>
        user === left.user &&
        tags.includes("gift") &&
        atMs >= left.atMs + lowerMs &&
        atMs <= left.atMs + upperMs,
    );
    const results =
      partners.length === 0 ? [aloneOf(left)] : partners.map((one) => pairOf(left, one));
    for (const result of results) sums.push({ user: left.user, ...result });
  }
  const windows = plainWindows(bought);
  const users = [...Map.groupBy(bought, ({ user }) => user)];
  const summed = users.map(([user, own]) => ({ user, n: own.reduce((sum, { n }) => sum + n, 0) }));
  const last = users.map(([user, own]) => {
    const atMs = Math.max(...own.map((one) => one.atMs));
    return { user, atMs, times: [atMs] };
  });
  return {
    near: summedUp(sums),
    "in-window": summedUp(windows.flatMap(([left, right]) => pairsIn(left, right))),
    grouped: summedUp(windows.map(([left, right]) => listsIn(left, right))),
    "as-of": summedUp(bought.map((left) => plainAsOf(bought, left))),
    summed: texts(summed),
    last: texts(last),
  };
}

type Lists = readonly [left: readonly Bought[], right: readonly Bought[]];

/** What was bought and what of it as a gift, for each user and window that has something. */
function plainWindows(bought: readonly Bought[]): readonly Lists[] {
  const windows = new Map<string, Bought[]>();
  for (const one of bought) {
    const lastMs = Math.floor(one.atMs / slideMs) * slideMs;
    for (let startMs = lastMs; startMs > one.atMs - sizeMs; startMs -= slideMs) {
      const id = `${one.user}|${startMs}`;
      windows.set(id, [...(windows.get(id) ?? []), one]);
    }
  }
  return Array.from(windows.values(), (left): Lists => [
    left,
    left.filter(({ tags }) => tags.includes("gift")),
  ]);
}

function pairsIn(...[left, right]: Lists): readonly Sum[] {
  return left.flatMap((one) =>
    right.length === 0
      ? [{ user: one.user, ...aloneOf(one) }]
      : right.map((other) => ({ user: one.user, ...pairOf(one, other) })),
  );
}

function listsIn(...[left, right]: Lists): Sum {
  return {
    user: left[0]!.user,
    pairs: left.length * right.length,
    alone: right.length === 0 ? left.length : 0,
    n: [...left, ...right].reduce((total, { n }) => total + n, 0),
  };
}

function plainAsOf(bought: readonly Bought[], left: Bought): Sum {
  const times = bought
    .filter(({ user, tags }) => user === left.user && tags.includes("gift"))
    .map(({ atMs }) => atMs)
    .filter((atMs) => atMs <= left.atMs);
  const lastMs = Math.max(...times);
  const holds = times.length > 0 && lastMs % 700 !== 0;
  return {
    user: left.user,
    pairs: holds ? 1 : 0,
    alone: holds ? 0 : 1,
    n: left.n + (holds ? 100 + (lastMs % 1_000) : 0),
  };
}

function summedUp(sums: readonly Sum[]): readonly string[] {
  const byUser = Map.groupBy(sums, ({ user }) => user);
  return texts(Array.from(byUser.values(), (own) => own.reduce(added)));
}
