import type { Outcome } from "../shape.ts";
import type { Arrival, Arrivals } from "./arrivals.ts";
import { abandonedIn, appendedTo, canonical, told, listed } from "./compare.ts";
import type { Firing, WindowResult } from "./firing.ts";
import { contentsDifferences } from "./window-contents.ts";

export interface SessionRules {
  readonly gapMs: number;
  readonly latenessMs: number;
  readonly firings: string;
  readonly table: string;
}

/** A window of one key from its first firing on. It stands unless a merge has withdrawn it. */
interface Session {
  readonly startMs: number;
  readonly endMs: number;
  /** Without the withdrawal; each holds more than the one before. */
  readonly firings: Firing[];
  ids: ReadonlySet<string>;
  withdrawn: boolean;
}

/** All of one key. */
interface KeySessions {
  readonly members: Map<string, Arrival>;
  readonly firings: Firing[];
  readonly rows: WindowResult[];
  /** Some fired otherwise before the job was taken back: a row of then may stand, or one that was taken away then be missing. */
  isAbandoned: boolean;
}

/**
 * Compares the firings and rows of session windows with the items that came in time: every one is in exactly one session
 * that stands, sessions are as long as their items make them, and two that touch are only apart where the state of
 * one can have been gone before the items of the other came.
 */
export function sessionDifferences(
  { taken, late }: Arrivals,
  outcome: Outcome,
  rules: SessionRules,
): string[] {
  const keys = new Map<string, KeySessions>();
  function at(key: string): KeySessions {
    let sessions = keys.get(key);
    if (sessions === undefined)
      keys.set(key, (sessions = { members: new Map(), firings: [], rows: [], isAbandoned: false }));
    return sessions;
  }
  for (const arrival of taken) at(arrival.item.key).members.set(arrival.item.id, arrival);
  for (const firing of appendedTo<Firing>(outcome, rules.firings))
    at(firing.key).firings.push(firing);
  for (const firing of abandonedIn<Firing>(outcome, rules.firings))
    at(firing.key).isAbandoned = true;
  for (const row of (outcome.tables.get(rules.table) ?? []) as never as WindowResult[])
    at(row.key).rows.push(row);

  const unneeded = late.filter(
    ({ item, watermarkMaxMs }) => watermarkMaxMs < item.atMs + rules.gapMs - 1 + rules.latenessMs,
  );
  const wrong = told(
    "Late without need are",
    unneeded.map(
      ({ item, watermarkMaxMs }) => `${item.id} at ${item.atMs}, at most ${watermarkMaxMs}`,
    ),
  );
  for (const [key, found] of keys) {
    const { sessions, wrong: unlike } = sessionsOf(found, rules);
    const standing = sessions.filter(({ withdrawn }) => !withdrawn);
    unlike.push(
      ...standingDifferences(found, standing),
      ...swallowedDifferences(sessions, standing),
      ...touchingDifferences(found, { standing, rules }),
      ...earlyDifferences(found, { sessions, rules }),
      ...(found.isAbandoned ? [] : rowDifferences(found, { sessions, rules })),
    );
    wrong.push(...unlike.map((text) => `Sessions of ${key}: ${text}`));
  }
  return wrong.slice(0, 8);
}

/** Sorts the firings into sessions; says what is wrong with single firings and with how they follow each other. */
function sessionsOf(
  { firings, members }: KeySessions,
  { gapMs }: SessionRules,
): { readonly sessions: readonly Session[]; readonly wrong: string[] } {
  const sessions: Session[] = [];
  const wrong: string[] = [];
  const order = { insert: 0, replace: 0, delete: 1 };
  const inOrder = firings.toSorted(
    (a, b) => a.ids.length - b.ids.length || order[a.change] - order[b.change],
  );
  for (const firing of inOrder) {
    const { startMs, endMs, ids, change } = firing;
    wrong.push(
      ...contentsDifferences(firing, members),
      ...extentDifferences(firing, { members, gapMs }),
    );
    const session = sessions.find(
      (known) =>
        known.startMs === startMs && known.endMs === endMs && ids.some((id) => known.ids.has(id)),
    );
    if (session === undefined) {
      sessions.push({ startMs, endMs, firings: [firing], ids: new Set(ids), withdrawn: false });
      if (change !== "insert") wrong.push(`${listed(ids)} began with "${change}"`);
      continue;
    }
    const grown = new Set(ids);
    if (session.withdrawn)
      wrong.push(`${listed(ids)} came after ${listed(session.ids)} was withdrawn`);
    if ([...session.ids].some((id) => !grown.has(id)))
      wrong.push(`${listed(ids)} came after ${listed(session.ids)}`);
    if (change === "delete") session.withdrawn = true;
    else {
      if (change !== "replace" || grown.size === session.ids.size)
        wrong.push(`${listed(ids)} came with "${change}" after ${listed(session.ids)}`);
      session.firings.push(firing);
    }
    session.ids = grown;
  }
  return { sessions, wrong };
}

interface Extent {
  readonly members: ReadonlyMap<string, Arrival>;
  readonly gapMs: number;
}

function extentDifferences({ ids, startMs, endMs }: Firing, { members, gapMs }: Extent): string[] {
  const times = timesOf(ids, members);
  const wrong: string[] = [];
  if (startMs !== times[0] || endMs !== times.at(-1)! + gapMs)
    wrong.push(
      `${listed(ids)} from ${startMs} to ${endMs} instead of ${times[0]} to ${times.at(-1)! + gapMs}`,
    );
  for (const [at, timeMs] of times.entries())
    if (at > 0 && timeMs - times[at - 1]! > gapMs)
      wrong.push(`${listed(ids)} has a gap before ${timeMs}`);
  return wrong;
}

function timesOf(ids: Iterable<string>, members: ReadonlyMap<string, Arrival>): number[] {
  return Array.from(ids, (id) => members.get(id)?.item.atMs ?? Number.NaN).sort((a, b) => a - b);
}

function standingDifferences({ members }: KeySessions, standing: readonly Session[]): string[] {
  const counts = new Map<string, number>();
  for (const { ids } of standing) for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  const missing = [...members.keys()].filter((id) => !counts.has(id));
  const doubled = [...counts].filter(([, count]) => count > 1).map(([id]) => id);
  return [...told("none holds", missing), ...told("more than one holds", doubled)];
}

/** What a merge withdrew is part of a larger session that stands. */
function swallowedDifferences(
  sessions: readonly Session[],
  standing: readonly Session[],
): string[] {
  const orphans = sessions.filter(
    ({ withdrawn, ids, startMs, endMs }) =>
      withdrawn &&
      !standing.some(
        (larger) =>
          larger.startMs <= startMs &&
          larger.endMs >= endMs &&
          [...ids].every((id) => larger.ids.has(id)),
      ),
  );
  return told(
    "withdrawn without being part of another are",
    orphans.map(({ ids }) => `${listed(ids)}`),
  );
}

interface Standing {
  readonly standing: readonly Session[];
  readonly rules: SessionRules;
}

function touchingDifferences({ members }: KeySessions, { standing, rules }: Standing): string[] {
  const apart: string[] = [];
  for (const [at, one] of standing.entries()) {
    for (const other of standing.slice(at + 1)) {
      if (one.startMs > other.endMs || other.startMs > one.endMs) continue;
      const cameAfter = (late: Session, gone: Session) =>
        touching(late, gone, { members, rules }).every(
          ({ watermarkMaxMs }) => watermarkMaxMs >= gone.endMs - 1 + rules.latenessMs,
        );
      if (!cameAfter(one, other) && !cameAfter(other, one))
        apart.push(`${listed(one.ids)} and ${listed(other.ids)}`);
    }
  }
  return told("apart although they touch are", apart);
}

interface Touch {
  readonly members: ReadonlyMap<string, Arrival>;
  readonly rules: SessionRules;
}

/** Items of one session whose gap reaches an item of the other. */
function touching(of: Session, to: Session, { members, rules }: Touch): readonly Arrival[] {
  const times = timesOf(to.ids, members);
  return Array.from(of.ids, (id) => members.get(id)!).filter(
    (arrival) =>
      arrival !== undefined &&
      times.some((timeMs) => Math.abs(timeMs - arrival.item.atMs) <= rules.gapMs),
  );
}

interface All {
  readonly sessions: readonly Session[];
  readonly rules: SessionRules;
}

/**
 * An item that touches a session and can't have come after it fired must be in its first firing, unless the two never
 * became one.
 */
function earlyDifferences({ members }: KeySessions, { sessions, rules }: All): string[] {
  const early: string[] = [];
  for (const { startMs, endMs, firings } of sessions) {
    const first = new Set(firings[0]!.ids);
    const whole = sessions.find(({ ids, withdrawn }) => !withdrawn && ids.has(firings[0]!.ids[0]!));
    for (const id of whole?.ids ?? []) {
      const arrival = members.get(id);
      if (arrival === undefined) continue;
      const { item, watermarkMaxMs } = arrival;
      const touches = item.atMs <= endMs && item.atMs + rules.gapMs >= startMs;
      if (touches && watermarkMaxMs < endMs - 1 && !first.has(item.id))
        early.push(`${listed(first)} before ${item.id}`);
    }
  }
  return told("fired too early:", early);
}

/** The row under a start is that of the session that stands. */
function rowDifferences({ rows, members }: KeySessions, { sessions, rules }: All): string[] {
  const wrong: string[] = [];
  const starts = new Set([...sessions, ...rows].map(({ startMs }) => startMs));
  for (const startMs of starts) {
    const own = sessions.filter((session) => session.startMs === startMs);
    const standing = own.filter(({ withdrawn }) => !withdrawn);
    const texts = standing.map(({ firings }) => {
      const { change: _, ...result } = firings.at(-1)!;
      return canonical(result);
    });
    const found = rows.filter((row) => row.startMs === startMs).map(canonical);
    // One that began after the state of the other was gone, under the same start, takes its row along.
    const tookAlong = standing.every(({ endMs }) =>
      own.some(
        ({ withdrawn, ids }) =>
          withdrawn &&
          [...ids].every(
            (id) => (members.get(id)?.watermarkMaxMs ?? 0) >= endMs - 1 + rules.latenessMs,
          ),
      ),
    );
    const isRight = found.length === 0 ? tookAlong : texts.includes(found[0]!);
    if (!isRight || found.length > 1)
      wrong.push(
        `the row at ${startMs} is ${found.join(" and ") || "missing"} instead of ${texts.join(" or ") || "none"}`,
      );
  }
  return wrong;
}
