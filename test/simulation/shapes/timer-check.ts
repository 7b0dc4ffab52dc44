import type { Outcome } from "../shape.ts";
import { stateKey } from "../shape.ts";
import { type Arrival, arrivalsIn } from "./arrivals.ts";
import {
  appendedTo,
  differences,
  lastNumbers,
  letterDifferences,
  refusedText,
  rowDifferences,
  stateDifferences,
  timerLetters,
  told,
  trappedText,
} from "./compare.ts";
import type { PlannedFeed } from "./feed.ts";
import {
  type Echo,
  echoesMax,
  echoValue,
  type Flush,
  flushAction,
  groupOf,
  type Pending,
  pendingOf,
  type Telling,
  waitMs,
} from "./timer-job.ts";

/** Compares what the timers did with a replay of each key's items, in the order in which the flushes say that they came. */
export function timerDifferences(planned: PlannedFeed, outcome: Outcome): string[] {
  const letters = planned.refused.map(({ payload }) => refusedText(payload));
  const arrivals = arrivalsIn(planned, outcome, ({ trap }) => trap !== "read");
  const byKey = new Map<string, Arrival[]>();
  for (const { item } of planned.items) {
    if (item.trap === "read") letters.push(trappedText("map", item));
    else if (item.trap === "element") letters.push(trappedText("timers", item));
    else byKey.set(item.key, [...(byKey.get(item.key) ?? []), arrivals(item)]);
  }
  const keys = Array.from(byKey, ([key, arrivals]) => keyOf(key, arrivals, outcome));
  return [
    ...letterDifferences(outcome, [...letters, ...timerLetters(outcome, "timers")]),
    ...keys
      .flatMap((key) => replayDifferences(key).map((text) => `Timers of ${key.key}: ${text}`))
      .slice(0, 8),
    ...strangerDifferences(byKey, outcome),
    ...rowDifferences(
      outcome,
      "flushes",
      keys.flatMap(({ flushes }) => flushes.slice(-1)),
    ),
    ...echoDifferences(byKey, outcome),
    ...tellingDifferences(byKey, outcome),
    ...beatDifferences(byKey, outcome),
    ...keptDifferences(keys, outcome),
    ...stateDifferences(
      outcome,
      "timers/timers/last",
      lastNumbers(
        new Map(Array.from(byKey, ([key, own]) => [key, own.map(({ item }) => item)] as const)),
      ),
    ),
  ];
}

interface KeyRun {
  readonly key: string;
  readonly arrivals: ReadonlyMap<string, Arrival>;
  readonly flushes: readonly Flush[];
  /** Ids of what no flush has taken. */
  readonly left: readonly string[];
  /** Times of the timer "flush" that were written off. */
  readonly writtenOff: readonly number[];
}

function keyOf(key: string, arrivals: readonly Arrival[], outcome: Outcome): KeyRun {
  const pending = outcome.state.get("timers/timers/pending");
  const length = (pending?.get(stateKey(key, "length")) as number | undefined) ?? 0;
  return {
    key,
    arrivals: new Map(arrivals.map((arrival) => [arrival.item.id, arrival])),
    flushes: appendedTo<Flush>(outcome, "flushes")
      .filter((flush) => flush.key === key)
      .toSorted((a, b) => a.round - b.round),
    left: Array.from(
      { length },
      (_, index) => (pending!.get(stateKey(key, index)) as Pending | undefined)?.id ?? "nothing",
    ),
    writtenOff: outcome.deadLetters.flatMap(({ operator, timer }) =>
      operator === "timers" && timer?.key === key ? [timer.timeMs] : [],
    ),
  };
}

/** Walks through the items in the order of their arrival, and lets the timer fire where a flush says so. */
function replayDifferences({ key, arrivals, flushes, left, writtenOff }: KeyRun): string[] {
  const came = [...flushes.flatMap(({ ids }) => ids), ...left];
  const wrong = differences("What was flushed or is left", arrivals.keys(), came);
  wrong.push(...orderDifferences(came, arrivals));
  let firedMs = Number.NEGATIVE_INFINITY;
  for (const [at, { round, atMs, ids }] of flushes.entries()) {
    const portion = portionOf(ids, arrivals);
    if (round !== at + 1) wrong.push(`flush ${at + 1} has the number ${round}`);
    if (portion.trapped) wrong.push(`flush ${round} took what it throws on`);
    if (portion.timeMs !== atMs)
      wrong.push(`flush ${round} came at ${atMs} instead of ${portion.timeMs ?? "never"}`);
    if (portion.watermarkMaxMs < firedMs)
      wrong.push(`the flush at ${firedMs} came before items of flush ${round}`);
    firedMs = Math.max(firedMs, atMs);
  }
  const rest = portionOf(left, arrivals);
  if (rest.watermarkMaxMs < firedMs) wrong.push(`the flush at ${firedMs} came before what is left`);
  if (rest.timeMs !== undefined && !writtenOff.includes(rest.timeMs))
    wrong.push(`nothing was flushed at ${rest.timeMs}`);
  wrong.push(
    ...told(
      `timers of ${key} were written off at`,
      writtenOff.filter((timeMs) => !rest.failing.has(timeMs)).map(String),
    ),
  );
  return wrong;
}

interface Portion {
  /** When the timer is due behind the last item; undefined where it isn't set. */
  readonly timeMs: number | undefined;
  readonly trapped: boolean;
  /** Times to which the timer was set while there was a trap. */
  readonly failing: ReadonlySet<number>;
  /** The lowest of the highest watermarks that can have been in front of the items. */
  readonly watermarkMaxMs: number;
}

function portionOf(ids: readonly string[], arrivals: ReadonlyMap<string, Arrival>): Portion {
  let timeMs: number | undefined;
  let newestMs = Number.NEGATIVE_INFINITY;
  let trapped = false;
  let watermarkMaxMs = Number.POSITIVE_INFINITY;
  const failing = new Set<number>();
  for (const id of ids) {
    const arrival = arrivals.get(id);
    if (arrival === undefined) continue;
    const { value, atMs, trap } = arrival.item;
    watermarkMaxMs = Math.min(watermarkMaxMs, arrival.watermarkMaxMs);
    newestMs = Math.max(newestMs, atMs);
    trapped ||= trap === "timer";
    const action = flushAction(value);
    if (action === "put-off") timeMs = newestMs + waitMs;
    if (action === "bring-forward") timeMs = atMs + waitMs;
    if (action === "clear") timeMs = undefined;
    if (trapped && timeMs !== undefined) failing.add(timeMs);
  }
  return { timeMs, trapped, failing, watermarkMaxMs };
}

function orderDifferences(
  came: readonly string[],
  arrivals: ReadonlyMap<string, Arrival>,
): string[] {
  const last = new Map<string, number>();
  const odd: string[] = [];
  for (const id of came) {
    const item = arrivals.get(id)?.item;
    if (item === undefined) continue;
    if (item.seq <= (last.get(item.from) ?? 0)) odd.push(id);
    last.set(item.from, item.seq);
  }
  return told("out of order came", odd);
}

/** Flushes and letters of keys that have no items. */
function strangerDifferences(byKey: ReadonlyMap<string, unknown>, outcome: Outcome): string[] {
  const flushed = appendedTo<Flush>(outcome, "flushes").map(({ key }) => key);
  const failed = outcome.deadLetters.flatMap(({ timer }) => timer?.key ?? []) as string[];
  return told(
    "Timers fired for",
    [...flushed, ...failed].filter((key) => !byKey.has(key)),
  );
}

/** Three echoes of each key that has an item which sets them off, one wait after the other. */
function echoDifferences(
  byKey: ReadonlyMap<string, readonly Arrival[]>,
  outcome: Outcome,
): string[] {
  const found = Map.groupBy(appendedTo<Echo>(outcome, "echoes"), ({ key }) => key);
  const expected: string[] = [];
  const odd: string[] = [];
  for (const [key, arrivals] of byKey) {
    const startsMs = arrivals
      .filter(({ item }) => item.value === echoValue)
      .map(({ item }) => item.atMs + waitMs);
    if (startsMs.length === 0) continue;
    for (let number = 1; number <= echoesMax; number++) expected.push(`${key} ${number}`);
    const own = (found.get(key) ?? []).toSorted((a, b) => a.number - b.number);
    const [first] = own;
    if (first !== undefined && !startsMs.includes(first.atMs)) odd.push(`${key} at ${first.atMs}`);
    for (const { number, atMs } of own)
      if (atMs !== first!.atMs + (number - 1) * waitMs) odd.push(`${key} ${number} at ${atMs}`);
  }
  const texts = appendedTo<Echo>(outcome, "echoes").map(({ key, number }) => `${key} ${number}`);
  return [...differences("Stream echoes", expected, texts), ...told("Odd echoes are", odd)];
}

/** Each item is told of once, at its own time. */
function tellingDifferences(
  byKey: ReadonlyMap<string, readonly Arrival[]>,
  outcome: Outcome,
): string[] {
  const expected = [...byKey].flatMap(([key, arrivals]) =>
    arrivals.map(({ item }) => `${key} ${item.id} ${item.atMs + waitMs}`),
  );
  const told = appendedTo<Telling>(outcome, "tellings");
  return differences(
    "Stream tellings",
    expected,
    told.map(({ key, id, atMs }) => `${key} ${id} ${atMs}`),
  );
}

/** The last beat of a key, whenever it came, has seen everything. */
function beatDifferences(
  byKey: ReadonlyMap<string, readonly Arrival[]>,
  outcome: Outcome,
): string[] {
  const rows: { key: string; group: string; n: number; sum: number }[] = [];
  const totals = new Map<string, number>();
  for (const [key, arrivals] of byKey) {
    const group = groupOf(key);
    const sum = arrivals.reduce((so, { item }) => so + item.value, 0);
    rows.push({ key, group, n: arrivals.length, sum });
    totals.set(group, (totals.get(group) ?? 0) + arrivals.length);
  }
  return [
    ...rowDifferences(outcome, "beats", rows),
    ...rowDifferences(
      outcome,
      "totals",
      Array.from(totals, ([group, total]) => ({ group, total })),
    ),
    ...stateDifferences(
      outcome,
      "timers/timers/n",
      rows.map(({ key, n }) => [key, undefined, n]),
    ),
    ...stateDifferences(
      outcome,
      "timers/timers/sum",
      rows.map(({ key, sum }) => [key, undefined, sum]),
    ),
    ...stateDifferences(
      outcome,
      "totals/totals/byKey",
      rows.map(({ group, key, n }) => [group, key, n]),
    ),
    ...stateDifferences(
      outcome,
      "totals/totals/closed",
      Array.from(totals.keys(), (group) => [group, undefined, true] as const),
    ),
  ];
}

/** What is kept of keys in the end: above all of those with items that no flush has taken. */
function keptDifferences(keys: readonly KeyRun[], outcome: Outcome): string[] {
  const pending: (readonly [string, string | number, unknown])[] = [];
  const newest: (readonly [string, undefined, number])[] = [];
  for (const { key, left, arrivals } of keys) {
    if (left.length === 0) continue;
    const items = left.flatMap((id) => arrivals.get(id)?.item ?? []);
    pending.push([key, "length", left.length]);
    pending.push(...items.map((item, at) => [key, at, pendingOf(item)] as const));
    newest.push([key, undefined, Math.max(...items.map(({ atMs }) => atMs))]);
  }
  const flushed = keys.filter(({ flushes }) => flushes.length > 0);
  const echoed = keys.filter(({ arrivals }) =>
    [...arrivals.values()].some(({ item }) => item.value === echoValue),
  );
  return [
    ...stateDifferences(outcome, "timers/timers/timers", []),
    ...stateDifferences(outcome, "timers/timers/armed", []),
    ...stateDifferences(outcome, "timers/timers/pending", pending),
    ...stateDifferences(outcome, "timers/timers/newestMs", newest),
    ...stateDifferences(
      outcome,
      "timers/timers/rounds",
      flushed.map(({ key, flushes }) => [key, undefined, flushes.length]),
    ),
    ...stateDifferences(
      outcome,
      "timers/timers/echoed",
      echoed.map(({ key }) => [key, undefined, echoesMax]),
    ),
  ];
}
