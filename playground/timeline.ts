import type { PlayStep, ShownElement, ShownWindow } from "./play-step.ts";
import { msOfWritten } from "./written-time.ts";

/** What a run looks like on an axis of event time, after some of its steps. */
export interface Timeline {
  /** Ends of the axis. */
  readonly fromMs: number;
  readonly toMs: number;
  /** The lowest of all stages; infinite before the first and behind the last one. */
  readonly watermarkMs: number;
  readonly elements: readonly TimedElement[];
  /** An operator and a key each, in the order in which they came. */
  readonly lanes: readonly Lane[];
}

export interface TimedElement extends Pick<ShownElement, "line" | "document"> {
  readonly timestampMs: number;
  readonly isLate: boolean;
  /** It came with the last of the steps. */
  readonly isNew: boolean;
}

export interface Lane {
  readonly operator: string;
  readonly key: unknown;
  readonly windows: readonly TimedWindow[];
  readonly timers: readonly LaneTimer[];
}

export interface TimedWindow extends ShownWindow {
  /** It gave a result in the last of the steps. */
  readonly isNew: boolean;
}

/** A timer of event time that is set. */
export interface LaneTimer {
  readonly name: string;
  readonly timeMs: number;
}

/** Draws up the first `count` steps; the axis is that of the whole run, so that it stands still. */
export function timelineOf(steps: readonly PlayStep[], count = steps.length): Timeline {
  const shown = steps.slice(0, count);
  const last = shown.at(-1);
  return {
    ...axisOf(steps),
    watermarkMs: lowest(last),
    elements: shown.flatMap((step) => elementsOf(step, step === last)),
    lanes: lanesOf(shown, last),
  };
}

function lowest(step: PlayStep | undefined): number {
  const all = Object.values(step?.watermarks ?? {}).map(msOfWritten);
  return all.length === 0 ? Number.NEGATIVE_INFINITY : Math.min(...all);
}

function elementsOf({ cause, late }: PlayStep, isNew: boolean): readonly TimedElement[] {
  if (cause.kind === "end") return [];
  // Of many that come at once nobody knows which were late.
  const isLate = cause.kind === "line" && Object.keys(late).length > 0;
  return cause.elements.flatMap(({ line, document, timestampMs }) =>
    timestampMs === undefined ? [] : [{ line, document, timestampMs, isLate, isNew }],
  );
}

function lanesOf(shown: readonly PlayStep[], last: PlayStep | undefined): readonly Lane[] {
  const lanes = new Map<string, { lane: Lane; windows: Map<string, TimedWindow> }>();
  const laneOf = (operator: string, key: unknown) => {
    const name = JSON.stringify([operator, key]);
    const known = lanes.get(name);
    if (known !== undefined) return known;
    const made = {
      lane: { operator, key, windows: [], timers: [] },
      windows: new Map<string, TimedWindow>(),
    };
    lanes.set(name, made);
    return made;
  };
  for (const step of shown) {
    // What neither stands nor has fired was swallowed by another session.
    for (const { windows } of lanes.values())
      for (const [id, { fired }] of windows) if (!fired) windows.delete(id);
    for (const window of [...step.windows, ...step.fired])
      laneOf(window.operator, window.key).windows.set(window.id, { ...window, isNew: false });
    if (step !== last) continue;
    for (const window of step.fired)
      laneOf(window.operator, window.key).windows.set(window.id, { ...window, isNew: true });
  }
  const timers = eventTimersOf(last);
  for (const { operator, key } of timers) laneOf(operator, key);
  return [...lanes.values()].map(({ lane, windows }) => ({
    ...lane,
    windows: [...windows.values()],
    timers: timers.filter((one) => one.operator === lane.operator && isSame(one.key, lane.key)),
  }));
}

const isSame = (left: unknown, right: unknown): boolean =>
  JSON.stringify(left) === JSON.stringify(right);

type OwnedTimer = LaneTimer & Pick<Lane, "operator" | "key">;

function eventTimersOf(step: PlayStep | undefined): readonly OwnedTimer[] {
  return (step?.state ?? []).flatMap(({ operator, state, key, entry, value }) =>
    state === "timers" && typeof entry === "string" && entry.startsWith("event:")
      ? [{ operator, key, name: entry.slice("event:".length), timeMs: Number(value) }]
      : [],
  );
}

/** Room on both sides of what is shown. */
const marginShare = 0.04;

function axisOf(steps: readonly PlayStep[]): Pick<Timeline, "fromMs" | "toMs"> {
  const times = steps.flatMap((step) => [
    ...(step.cause.kind === "end" ? [] : step.cause.elements).flatMap(
      ({ timestampMs }) => timestampMs ?? [],
    ),
    ...step.windows.flatMap(({ startMs, endMs }) => [startMs, endMs]),
    ...eventTimersOf(step).map(({ timeMs }) => timeMs),
    ...Object.values(step.watermarks).map(msOfWritten).filter(Number.isFinite),
  ]);
  if (times.length === 0) return { fromMs: 0, toMs: 1 };
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const margin = Math.max(1, (last - first) * marginShare);
  return { fromMs: first - margin, toMs: last + margin };
}
