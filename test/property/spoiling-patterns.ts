import { dynamodbSink, kinesisSource } from "../../runtime/connectors/index.ts";
import {
  boundedOutOfOrderness,
  defineJob,
  elementType,
  type JobDefinition,
  outputTag,
  unchecked,
} from "../../runtime/index.ts";
import { patternsOf } from "../../runtime/patterns/index.ts";
import { type Bought, spoil, spoiler, texts } from "./spoiling-job.ts";

/** What a user's matches sum up to: those that end with a far buy, and those that ran out of time. */
interface Sum {
  readonly user: string;
  readonly matches: number;
  readonly open: number;
  readonly n: number;
}

const withinMs = 9_000;
const open = outputTag<Sum>("open");

/** A gift, another one later, whichever; then something far that is worth more than both, as the match so far tells. Nothing is late. */
export function patternsJob(aligned: boolean): JobDefinition {
  return defineJob(
    "patterns",
    (env) => {
      const bought = env.source(kinesisSource({ stream: "bought", schema: unchecked<Bought>() }), {
        uid: "bought",
        watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: { hours: 1 } }),
        ...(aligned && { partitionedBy: (one: Bought) => one.user }),
      });
      const [spoilMatch, spoilEmitted] = [spoiler(), spoiler()];
      const found = bought
        .keyBy("user")
        .pattern(giftsThenFar, { uid: "gifts", comparator: inOrder })
        .process({
          emits: elementType<Sum>(),
          onMatch(match, { key, emit }) {
            const n = sumOf([...match.gifts, ...match.far]);
            const sum = { user: key, matches: 1, open: 0, n };
            emit(sum);
            spoil(match);
            spoil(sum);
            spoilMatch(match);
            spoilEmitted(sum);
          },
          onTimedOut(match, { key, output }) {
            const sum = { user: key, matches: 0, open: 1, n: sumOf(match.gifts) };
            output(open, sum);
            spoil(sum);
            spoil(match);
            spoilMatch(match);
          },
        });
      found
        .union(found.sideOutput(open))
        .keyBy("user")
        .reduce(
          (left, right) => ({
            user: left.user,
            matches: left.matches + right.matches,
            open: left.open + right.open,
            n: left.n + right.n,
          }),
          { uid: "sums" },
        )
        .sinkTo(dynamodbSink({ table: "gifts", key: ["user"] }), { uid: "gifts-rows" });
    },
    { maxParallelism: 16, restart: { kind: "fixed-delay", attempts: 1, delayMs: 1 } },
  );
}

const spoilSeen = spoiler();

const giftsThenFar = patternsOf<Bought>()
  .begin("gifts")
  .where((one) => {
    const isGift = one.tags.includes("gift");
    spoil(one);
    return isGift;
  })
  .times(2)
  .allowCombinations()
  .followedBy("far")
  .where((one, { matched }) => {
    const isFar = one.tags.includes("far") && one.n * 2 > sumOf(matched.gifts);
    spoil(matched.gifts);
    spoilSeen(one, matched.gifts);
    return isFar;
  })
  .within({ milliseconds: withinMs });

const sumOf = (some: readonly Bought[]): number => some.reduce((sum, { n }) => sum + n, 0);

/** Those of one time in an order that does not depend on arrival. */
const inOrder = (one: Bought, other: Bought): number =>
  textOf(one) < textOf(other) ? -1 : textOf(one) > textOf(other) ? 1 : 0;
const textOf = ({ n, tags }: Bought): string => JSON.stringify([n, tags]);

export function plainPatterns(bought: readonly Bought[]): Record<string, readonly string[]> {
  const rows: Sum[] = [];
  for (const [user, some] of Map.groupBy(bought, (one) => one.user)) {
    const sums = sumsOf(
      some.toSorted((one, other) => one.atMs - other.atMs || inOrder(one, other)),
    );
    if (sums.length === 0) continue;
    rows.push(
      sums.reduce(
        (all, { matches, open: over, n }) => ({
          user,
          matches: all.matches + matches,
          open: all.open + over,
          n: all.n + n,
        }),
        { user, matches: 0, open: 0, n: 0 },
      ),
    );
  }
  return { gifts: texts(rows) };
}

type Part = Omit<Sum, "user">;

/** Every choice of two gifts, with the first far one behind them that is worth enough. */
function sumsOf(sorted: readonly Bought[]): readonly Part[] {
  const sums: Part[] = [];
  const isGift = ({ tags }: Bought) => tags.includes("gift");
  for (const [at, first] of sorted.entries()) {
    if (!isGift(first)) continue;
    const inTime = sorted.slice(at + 1).filter(({ atMs }) => atMs - first.atMs < withinMs);
    // It waits for a second one as long as there may be others.
    sums.push({ matches: 0, open: 1, n: first.n });
    for (const [next, second] of inTime.entries()) {
      if (!isGift(second)) continue;
      const n = first.n + second.n;
      const far = inTime.slice(next + 1).find((one) => one.tags.includes("far") && one.n * 2 > n);
      sums.push(
        far === undefined ? { matches: 0, open: 1, n } : { matches: 1, open: 0, n: n + far.n },
      );
    }
  }
  return sums;
}
