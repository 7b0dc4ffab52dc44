import { dynamodbSink, kinesisSource } from "../../runtime/connectors/index.ts";
import {
  boundedOutOfOrderness,
  type DataStream,
  defineJob,
  type JobDefinition,
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
        .reduce(
          (left, right) => ({
            user: left.user,
            pairs: left.pairs + right.pairs,
            alone: left.alone + right.alone,
            n: left.n + right.n,
          }),
          { uid: "sums" },
        )
        .sinkTo(dynamodbSink({ table: "near", key: ["user"] }), { uid: "near-rows" });
      rollingAggregates(bought);
    },
    { maxParallelism: 16, restart: { kind: "fixed-delay", attempts: 1, delayMs: 1 } },
  );
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
): Record<"near" | "summed" | "last", readonly string[]> {
  const sums = new Map<string, Sum>();
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
    for (const { pairs, alone, n } of results) {
      const sum = sums.get(left.user) ?? { user: left.user, pairs: 0, alone: 0, n: 0 };
      sums.set(left.user, {
        ...sum,
        pairs: sum.pairs + pairs,
        alone: sum.alone + alone,
        n: sum.n + n,
      });
    }
  }
  const users = [...Map.groupBy(bought, ({ user }) => user)];
  const summed = users.map(([user, own]) => ({ user, n: own.reduce((sum, { n }) => sum + n, 0) }));
  const last = users.map(([user, own]) => {
    const atMs = Math.max(...own.map((one) => one.atMs));
    return { user, atMs, times: [atMs] };
  });
  return { near: texts([...sums.values()]), summed: texts(summed), last: texts(last) };
}
