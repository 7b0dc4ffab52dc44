import type { Outcome } from "../shape.ts";
import type { Arrival, Arrivals } from "./arrivals.ts";
import { abandonedIn, appendedTo, canonical, told, listed } from "./compare.ts";
import type { Firing, WindowResult } from "./firing.ts";
import { contentsDifferences } from "./window-contents.ts";

export interface FixedRules {
  readonly sizeMs: number;
  readonly slideMs: number;
  readonly latenessMs: number;
  /** Uid of the window operator. */
  readonly operator: string;
  readonly firings: string;
  readonly table: string;
}

/** A window as it should be, and all that was found of it. */
interface Window {
  readonly startMs: number;
  readonly endMs: number;
  /** When its state goes. */
  readonly cleanupMs: number;
  /** Items that were not late and belong to it. */
  readonly members: Map<string, Arrival>;
  readonly firings: Firing[];
  readonly rows: WindowResult[];
  /** How often its timer was written off: its result was, and it keeps what it holds. */
  losses: number;
  /** It fired otherwise before the job was taken back: a row of then may stand, where an item came too late this time. */
  isAbandoned: boolean;
}

/** Firings of a window from its first item until its state goes; each has more items than the one before. */
interface Life {
  ids: ReadonlySet<string>;
  readonly firings: Firing[];
}

/**
 * Compares the firings and rows of tumbling and sliding windows with the windows of the items that came in time.
 *
 * A window whose state is gone can begin anew: where slots merge, the watermark is that of the slower one. So a window
 * may have several lives; every life but one consists of items that can have come after the state was gone.
 */
export function fixedWindowDifferences(
  arrivals: Arrivals,
  outcome: Outcome,
  rules: FixedRules,
): string[] {
  const windows = windowsOf(arrivals, outcome, rules);
  const wrong = lateWithoutNeed(arrivals, rules);
  const absent = new Map<string, number[]>();
  for (const [place, window] of windows) {
    const { lives, wrong: unlike } = livesOf(window);
    const missing = [...window.members.keys()].filter(
      (id) => !lives.some(({ ids }) => ids.has(id)),
    );
    unlike.push(
      ...missingDifferences({ window, missing, rules }),
      ...lifeDifferences({ window, lives, missing }),
      ...rowDifferences(window, lives),
      ...(arrivals.aligned ? alignedDifferences(window, lives) : []),
    );
    for (const id of window.losses === 0 ? missing : [])
      absent.set(id, [...(absent.get(id) ?? []), window.startMs]);
    wrong.push(...unlike.map((text) => `Window ${place}: ${text}`));
  }
  return [...wrong.slice(0, 8), ...skippedBetween(windows, absent)];
}

function windowsOf(
  { taken }: Arrivals,
  outcome: Outcome,
  { sizeMs, slideMs, latenessMs, ...names }: FixedRules,
): ReadonlyMap<string, Window> {
  const windows = new Map<string, Window>();
  function at(key: string, startMs: number): Window {
    const place = `${key}/${startMs}`;
    let window = windows.get(place);
    if (window === undefined) {
      const endMs = startMs + sizeMs;
      const cleanupMs = endMs - 1 + latenessMs;
      window = {
        startMs,
        endMs,
        cleanupMs,
        members: new Map(),
        firings: [],
        rows: [],
        losses: 0,
        isAbandoned: false,
      };
      windows.set(place, window);
    }
    return window;
  }
  for (const arrival of taken) {
    const { id, key, atMs } = arrival.item;
    for (let startMs = floor(atMs, slideMs); startMs > atMs - sizeMs; startMs -= slideMs)
      at(key, startMs).members.set(id, arrival);
  }
  for (const firing of appendedTo<Firing>(outcome, names.firings))
    at(firing.key, firing.startMs).firings.push(firing);
  for (const firing of abandonedIn<Firing>(outcome, names.firings))
    at(firing.key, firing.startMs).isAbandoned = true;
  for (const row of (outcome.tables.get(names.table) ?? []) as never as WindowResult[])
    at(row.key, row.startMs).rows.push(row);
  for (const { operator, timer } of outcome.deadLetters) {
    if (timer !== undefined && operator === names.operator)
      at(timer.key as string, timer.timeMs + 1 - sizeMs).losses += 1;
  }
  return windows;
}

function floor(atMs: number, slideMs: number): number {
  return Math.floor(atMs / slideMs) * slideMs;
}

function lateWithoutNeed({ late }: Arrivals, { slideMs, sizeMs, latenessMs }: FixedRules) {
  const unneeded = late.filter(
    ({ item, watermarkMaxMs }) =>
      watermarkMaxMs < floor(item.atMs, slideMs) + sizeMs - 1 + latenessMs,
  );
  return told(
    "Late without need are",
    unneeded.map(
      ({ item, watermarkMaxMs }) => `${item.id} at ${item.atMs}, at most ${watermarkMaxMs}`,
    ),
  );
}

/** Sorts the firings into lives; says what is wrong with single firings and with how they follow each other. */
function livesOf({ firings, members, endMs }: Window): { lives: Life[]; wrong: string[] } {
  const lives: Life[] = [];
  const wrong: string[] = [];
  for (const firing of firings.toSorted((a, b) => a.ids.length - b.ids.length)) {
    wrong.push(...contentsDifferences(firing, members));
    if (firing.endMs !== endMs) wrong.push(`it ends at ${firing.endMs}`);
    const ids = new Set(firing.ids);
    const life = lives.find((known) => firing.ids.some((id) => known.ids.has(id)));
    if (life === undefined) lives.push({ ids, firings: [firing] });
    else {
      if ([...life.ids].some((id) => !ids.has(id)) || life.ids.size === ids.size)
        wrong.push(`it gave ${listed(firing.ids)} after ${listed(life.ids)}`);
      life.ids = ids;
      life.firings.push(firing);
    }
    if (firing.change !== (life === undefined ? "insert" : "replace"))
      wrong.push(`it gave ${listed(firing.ids)} with "${firing.change}"`);
  }
  return { lives, wrong };
}

interface Missing {
  readonly window: Window;
  readonly missing: readonly string[];
  readonly rules: FixedRules;
}

/** An item may be too late for a window that overlaps its last one; others get lost only together with a trap. */
function missingDifferences({ window, missing, rules }: Missing): string[] {
  const { members, losses, cleanupMs, startMs } = window;
  const arrivals = missing.map((id) => members.get(id)!);
  const traps = arrivals.filter(({ item }) => item.trap === "result").length;
  // It fails at its end, and with the late items that it takes afterwards.
  if (losses > 0 && (traps === 0 || losses > missing.length))
    return [
      `its timer was written off ${losses} times for ${traps} traps in ${missing.length} items`,
    ];
  if (losses > 0) return [];
  const lost = arrivals.filter(
    ({ item, watermarkMaxMs }) =>
      watermarkMaxMs < cleanupMs || floor(item.atMs, rules.slideMs) === startMs,
  );
  return told(
    "it lacks",
    lost.map(({ item }) => item.id),
  );
}

interface Lives {
  readonly window: Window;
  readonly lives: readonly Life[];
  readonly missing: readonly string[];
}

function lifeDifferences({ window, lives, missing }: Lives): string[] {
  const { members, losses, endMs, cleanupMs } = window;
  const wrong: string[] = [];
  const mayBeSecond = (ids: Iterable<string>) =>
    [...ids].every((id) => (members.get(id)?.watermarkMaxMs ?? 0) >= cleanupMs);
  const all = [...lives.map(({ ids }) => ids), ...(losses > 0 ? [missing] : [])];
  if (all.filter((ids) => !mayBeSecond(ids)).length > 1)
    wrong.push(
      `it began ${all.length} times: ${lives.map(({ ids }) => listed(ids)).join(" and ")}`,
    );
  for (const { ids, firings } of lives) {
    const first = new Set(firings[0]!.ids);
    const after = [...ids].filter(
      (id) => !first.has(id) && (members.get(id)?.watermarkMaxMs ?? 0) < endMs - 1,
    );
    wrong.push(...told("it fired before", after));
  }
  return wrong;
}

/** In the source's slots the watermark is known: windows take nothing after their end and lateness, and fire at once. */
function alignedDifferences(
  { members, endMs, cleanupMs }: Window,
  lives: readonly Life[],
): string[] {
  const tooLate = [...members.values()].filter(({ watermarkMinMs }) => watermarkMinMs >= cleanupMs);
  const unfired = lives.flatMap(({ firings: [first] }) =>
    first!.ids.length === 1
      ? []
      : first!.ids.filter((id) => (members.get(id)?.watermarkMinMs ?? 0) >= endMs - 1),
  );
  return [
    ...told(
      "it took, though they were late,",
      tooLate.map(({ item }) => item.id),
    ),
    ...told("it should have fired before", unfired),
  ];
}

function rowDifferences({ rows, isAbandoned }: Window, lives: readonly Life[]): string[] {
  if (isAbandoned) return [];
  const last = lives.map(({ firings }) => {
    const { change: _, ...result } = firings.at(-1)!;
    return canonical(result);
  });
  const found = rows.map(canonical);
  if (found.length === Math.min(last.length, 1) && found.every((row) => last.includes(row)))
    return [];
  return [
    `its row is ${found.join(" and ") || "missing"} instead of ${last.join(" or ") || "none"}`,
  ];
}

/** Earlier windows end earlier: an item that came too late for one came too late for all before it. */
function skippedBetween(
  windows: ReadonlyMap<string, Window>,
  absent: ReadonlyMap<string, readonly number[]>,
): string[] {
  const odd: string[] = [];
  for (const { startMs, members, losses, firings } of windows.values()) {
    for (const id of losses > 0 ? [] : members.keys()) {
      const missed = absent.get(id) ?? [];
      if (missed.includes(startMs) || !missed.some((other) => other > startMs)) continue;
      if (firings.some(({ ids }) => ids.includes(id))) odd.push(`${id} at ${startMs}`);
    }
  }
  return told("Windows hold items that later ones lack:", odd);
}
