import { dynamodbSink } from "../../../runtime/connectors/index.ts";
import {
  continuousEventTimeTrigger,
  cumulativeWindows,
  type DataStream,
  defineJob,
  type JobDefinition,
  sessionWindows,
  tumblingWindows,
  type WindowAssigner,
} from "../../../runtime/index.ts";
import type { Outcome, Shape } from "../shape.ts";
import {
  letterDifferences,
  refusedText,
  rowDifferences,
  stateDifferences,
  trappedText,
} from "./compare.ts";
import { planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import { type Item, springTrap } from "./item.ts";
import { readItems } from "./source.ts";
import { anyVariant, jobOptions, type JobVariant, versions } from "./variants.ts";

type Windows = "tumbling" | "cumulative" | "session";

interface ChangesVariant extends JobVariant {
  readonly windows: Windows;
  /** Windows give results before their ends as well. */
  readonly firesEarly: boolean;
}

/** What a window has counted: its place in the next stage moves with every element. */
interface Counted {
  readonly key: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly n: number;
}

interface Total {
  readonly group: string;
  readonly windows: number;
  readonly items: number;
}

const sizeMs = 500;
const stepMs = 250;
const gapMs = 300;
const longMs = 2_000;
const trigger = continuousEventTimeTrigger({ interval: { milliseconds: 70 } });
/** Windows whose count is a multiple of this are left out: a filter lets results pass that it had held back, and the other way round. */
const leftOut = 4;
const groupSize = 3;
/** Nothing is late: what comes out is what went in. */
const allowedLateness = { hours: 1_000 };

const jobs = versions(buildJob);

/** Windows that fire again, and sessions that merge, in front of a rolling sum and of another window. */
export const changes: Shape = {
  name: "changes",
  plan(dice) {
    const planned = planFeed(dice, { stream: "items", traps: ["read", "windows"] });
    const windows = dice.pick(["tumbling", "cumulative", "session", "session"] as const);
    return {
      ...jobs({ ...anyVariant(dice), windows, firesEarly: dice.chance(0.3) }),
      feed: planned.records,
      check: (outcome) => check(takenOf(planned, outcome), outcome, windows),
    };
  },
};

const size = { milliseconds: sizeMs };
const assigners: Readonly<Record<Windows, WindowAssigner>> = {
  tumbling: tumblingWindows({ size }),
  cumulative: cumulativeWindows({ size, step: { milliseconds: stepMs } }),
  session: sessionWindows({ gap: { milliseconds: gapMs } }),
};

const counting = {
  create: () => 0,
  add(n: number, item: Item) {
    springTrap(item, "windows");
    return n + 1;
  },
  merge: (left: number, right: number) => left + right,
  result: (n: number) => n,
};

const summing = {
  create: () => ({ windows: 0, items: 0 }),
  add: ({ windows, items }: Omit<Total, "group">, { n }: Counted) => ({
    windows: windows + 1,
    items: items + n,
  }),
  retract: ({ windows, items }: Omit<Total, "group">, { n }: Counted) => ({
    windows: windows - 1,
    items: items - n,
  }),
  result: (total: Omit<Total, "group">) => total,
};

/** Some corrections stay in the group of what they correct, others move. */
const groupOf = (n: number): string => `g${Math.floor(n / groupSize)}`;

function buildJob(variant: ChangesVariant): JobDefinition {
  return defineJob(
    "changes",
    (env) => {
      const windows = countWindows(readItems(env, "items"), variant).filter(
        ({ n }) => n % leftOut !== 0,
      );
      windows
        .map(({ n }): Total => ({ group: groupOf(n), windows: 1, items: n }))
        .keyBy(({ group }) => group)
        .reduce((sum, one) => plus(sum, one, 1), {
          uid: "totals",
          retract: (sum, one) => plus(sum, one, -1),
        })
        .sinkTo(dynamodbSink<Total>({ table: "totals", key: ["group"] }), { uid: "total-rows" });
      windows
        .keyBy(({ n }) => n)
        .window(tumblingWindows({ size: { milliseconds: longMs } }), {
          uid: "by-count",
          allowedLateness,
        })
        .aggregate(summing, (total, { key, window }) => ({
          n: key,
          startMs: window.startMs,
          ...total,
        }))
        .sinkTo(dynamodbSink({ table: "by-count", key: ["n", "startMs"] }), { uid: "count-rows" });
    },
    jobOptions(variant),
  );
}

function countWindows(
  items: DataStream<Item>,
  { windows, firesEarly }: ChangesVariant,
): DataStream<Counted> {
  return items
    .keyBy((item) => item.key)
    .window(assigners[windows], { uid: "windows", allowedLateness, ...(firesEarly && { trigger }) })
    .aggregate(counting, (n, { key, window }): Counted => ({ key, ...window, n }));
}

function plus(sum: Total, one: Total, sign: 1 | -1): Total {
  const { group, windows, items } = sum;
  return { group, windows: windows + sign * one.windows, items: items + sign * one.items };
}

function check({ items, refused }: PlannedFeed, outcome: Outcome, kind: Windows): string[] {
  const counted = items.filter(({ item }) => item.trap === undefined).map(({ item }) => item);
  const letters = [
    ...refused.map(({ payload }) => refusedText(payload)),
    ...items.flatMap(({ item }) =>
      item.trap === undefined ? [] : [trappedText(item.trap === "read" ? "map" : item.trap, item)],
    ),
  ];
  const windows = [...Map.groupBy(counted, ({ key }) => key)]
    .flatMap(([key, own]) => plainWindows[kind](key, own))
    .filter(({ n }) => n % leftOut !== 0);
  const totals = totalsOf(windows);
  return [
    ...letterDifferences(outcome, letters),
    ...rowDifferences(outcome, "totals", totals),
    ...stateDifferences(
      outcome,
      "totals/totals/reduced",
      totals.map((total) => [total.group, undefined, total]),
    ),
    ...stateDifferences(
      outcome,
      "totals/totals/reduced-count",
      totals.map(({ group, windows: count }) => [group, undefined, count]),
    ),
    ...rowDifferences(outcome, "by-count", longWindowsOf(windows)),
  ];
}

/** How each kind of windows is counted plainly. */
const plainWindows = {
  tumbling: (key: string, items: readonly Item[]) => growingOf(key, items, sizeMs),
  cumulative: (key: string, items: readonly Item[]) => growingOf(key, items, stepMs),
  session: sessionsOf,
};

/** Windows that begin together and end a step after each other. */
function growingOf(key: string, items: readonly Item[], eachMs: number): Counted[] {
  const byStart = Map.groupBy(items, ({ atMs }) => Math.floor(atMs / sizeMs) * sizeMs);
  return [...byStart].flatMap(([startMs, own]) => {
    const windows: Counted[] = [];
    for (let endMs = startMs + eachMs; endMs <= startMs + sizeMs; endMs += eachMs)
      windows.push({ key, startMs, endMs, n: own.filter(({ atMs }) => atMs < endMs).length });
    return windows.filter(({ n }) => n > 0);
  });
}

function sessionsOf(key: string, items: readonly Item[]): Counted[] {
  const sessions: Counted[] = [];
  for (const { atMs } of items.toSorted((left, right) => left.atMs - right.atMs)) {
    const last = sessions.at(-1);
    const endMs = atMs + gapMs;
    if (last === undefined || atMs > last.endMs) sessions.push({ key, startMs: atMs, endMs, n: 1 });
    else sessions[sessions.length - 1] = { ...last, endMs, n: last.n + 1 };
  }
  return sessions;
}

function totalsOf(windows: readonly Counted[]): Total[] {
  return Array.from(
    Map.groupBy(windows, ({ n }) => groupOf(n)),
    ([group, own]) => ({ group, windows: own.length, items: itemsIn(own) }),
  );
}

function longWindowsOf(windows: readonly Counted[]) {
  const places = Map.groupBy(
    windows,
    ({ n, endMs }) => `${n} ${Math.floor((endMs - 1) / longMs) * longMs}`,
  );
  return Array.from(places, ([place, own]) => {
    const [n, startMs] = place.split(" ").map(Number) as [number, number];
    return { n, startMs, windows: own.length, items: itemsIn(own) };
  });
}

function itemsIn(windows: readonly Counted[]): number {
  return windows.reduce((sum, { n }) => sum + n, 0);
}
