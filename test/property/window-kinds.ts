import { dynamodbSink, kinesisSource } from "../../runtime/connectors/index.ts";
import {
  boundedOutOfOrderness,
  countEvictor,
  customTrigger,
  type DataStream,
  defineJob,
  deltaTrigger,
  dynamicSessionWindows,
  globalWindows,
  type JobDefinition,
  type KeyedStream,
  type ReduceFunction,
  sessionWindows,
  tumblingWindows,
  unchecked,
  type WindowTrigger,
} from "../../runtime/index.ts";
import { staggerMs } from "../../runtime/windows/assigners/staggered-windows.ts";
import { eventTimeTrigger } from "../../runtime/triggers/event-time-trigger.ts";

/** A step of a walk. `id` counts those of a user. */
export interface Step {
  readonly user: string;
  readonly id: number;
  readonly n: number;
  readonly atMs: number;
}

/** What one result is made of: its user, its first and last step, and the sum of all. */
interface Row {
  readonly user: string;
  readonly id: number;
  readonly last: number;
  readonly n: number;
}

interface Kind {
  readonly build: (steps: KeyedStream<Step, string>, uid: string) => DataStream<Row>;
  /** The rows of one user's steps, in their order. */
  readonly plain: (own: readonly Step[]) => readonly Row[];
}

const sizeMs = 10_000;
const allowedLateness = { hours: 1_000 };
const tumbling = tumblingWindows({ size: { milliseconds: sizeMs } });

const join: ReduceFunction<Row> = (left, right) => ({
  ...left,
  n: left.n + right.n,
  last: right.last,
});
const rowOf = ({ user, id, n }: Step): Row => ({ user, id, n, last: id });

function rowsOfParts(parts: readonly (readonly Step[])[]): readonly Row[] {
  return parts.filter(({ length }) => length > 0).map((part) => part.map(rowOf).reduce(join));
}

function byWindow(own: readonly Step[]): readonly (readonly Step[])[] {
  return [...Map.groupBy(own, ({ atMs }) => Math.floor(atMs / sizeMs)).values()];
}

/** Fires with so much since the last result: keeps the sum. */
const fullTrigger: WindowTrigger<Row> = customTrigger({
  name: "full",
  purges: true,
  state: () => ({ n: 0 }),
  onElement({ n }: Row, { state }) {
    const sum = state.get();
    sum.n += n;
    state.set(sum);
    if (sum.n < 12) return "continue";
    state.clear();
    return "fire";
  },
});

/** The usual trigger, as a user might write it. */
const ownEventTime = customTrigger({ ...eventTimeTrigger, name: "of one's own" });

/** Cuts a list behind each element for which it is time. */
function cutBehind(own: readonly Step[], isTime: (part: readonly Step[]) => boolean): Step[][] {
  const parts: Step[][] = [[]];
  for (const step of own) {
    const part = parts.at(-1) as Step[];
    part.push(step);
    if (isTime(part)) parts.push([]);
  }
  return parts.slice(0, -1);
}

export const kinds: Readonly<Record<string, Kind>> = {
  counted: {
    build: (steps, uid) => rows(steps).countWindow({ size: 3, uid }).reduce(join),
    plain: (own) => rowsOfParts(cutBehind(own, ({ length }) => length === 3)),
  },
  "counted-sliding": {
    // They overlap: each is known by its last step.
    build: (steps, uid) =>
      rows(steps)
        .countWindow({ size: 5, slide: 2, uid })
        .reduce(join, (row) => ({ ...row, id: row.last })),
    plain: (own) =>
      rowsOfParts(
        own.flatMap((_, at) => (at % 2 === 1 ? [own.slice(Math.max(0, at - 4), at + 1)] : [])),
      ).map((row) => ({ ...row, id: row.last })),
  },
  full: {
    build: (steps, uid) =>
      rows(steps).window(globalWindows(), { uid, trigger: fullTrigger }).reduce(join),
    plain: (own) =>
      rowsOfParts(cutBehind(own, (part) => part.reduce((sum, { n }) => sum + n, 0) >= 12)),
  },
  far: {
    build: (steps, uid) =>
      rows(steps)
        .window(globalWindows(), {
          uid,
          accumulation: "discarding",
          trigger: deltaTrigger<Row>({
            threshold: 4,
            delta: (one, other) => Math.abs(one.n - other.n),
          }),
        })
        .reduce(join),
    plain: (own) => {
      let from = own[0]?.n ?? 0;
      const isFar = (part: readonly Step[]) => Math.abs((part.at(-1)?.n ?? 0) - from) > 4;
      return rowsOfParts(
        cutBehind(own, (part) => {
          const isTime = isFar(part);
          if (isTime) from = part.at(-1)?.n ?? 0;
          return isTime;
        }),
      );
    },
  },
  corrected: {
    build: (steps, uid) =>
      rows(steps).window(tumbling, { uid, allowedLateness, trigger: ownEventTime }).reduce(join),
    plain: (own) => rowsOfParts(byWindow(own)),
  },
  "own-gaps": {
    build: (steps, uid) =>
      rows(steps)
        .window(dynamicSessionWindows<Row>({ gap: ({ n }) => ({ milliseconds: n * 150 }) }), {
          uid,
          allowedLateness,
        })
        .reduce(join, (row, { window }) => ({ ...row, id: window.startMs, last: window.endMs })),
    plain: byGap,
  },
  staggered: {
    build: (steps, uid) =>
      rows(steps)
        .window(tumblingWindows({ size: { milliseconds: sizeMs }, stagger: "keys" }), {
          uid,
          allowedLateness,
        })
        .reduce(join),
    plain: (own) =>
      rowsOfParts([
        ...Map.groupBy(own, ({ atMs, user }) =>
          Math.floor((atMs - staggerMs(user, sizeMs)) / sizeMs),
        ).values(),
      ]),
  },
  "last-two": {
    build: (steps, uid) =>
      rows(steps)
        .window(tumbling, { uid, allowedLateness, evictor: countEvictor({ max: 2 }) })
        .process((elements, { window }) =>
          // Identified by the window: the first of the two may be another one with each firing.
          [{ ...elements.reduce(join), id: window.startMs }],
        ),
    plain: (own) =>
      byWindow(own).flatMap((part) =>
        rowsOfParts([part.slice(-2)]).map((row) => ({
          ...row,
          id: Math.floor((part[0]?.atMs ?? 0) / sizeMs) * sizeMs,
        })),
      ),
  },
};

/** Sessions of steps that wait as their numbers say: how they merge does not depend on the order in which they come. */
function byGap(own: readonly Step[]): Row[] {
  const sessions: { startMs: number; endMs: number; n: number; user: string }[] = [];
  for (const { user, n, atMs } of own.toSorted((one, other) => one.atMs - other.atMs)) {
    const last = sessions.at(-1);
    const endMs = atMs + n * 150;
    if (last === undefined || atMs > last.endMs) sessions.push({ startMs: atMs, endMs, n, user });
    else {
      last.n += n;
      last.endMs = Math.max(last.endMs, endMs);
    }
  }
  return sessions.map(({ user, startMs, endMs, n }) => ({ user, id: startMs, last: endMs, n }));
}

function rows(steps: KeyedStream<Step, string>): KeyedStream<Row, string> {
  return steps.map(rowOf).keyBy("user");
}

export const tables = [...Object.keys(kinds), "walks", "everybody"];

/** A job of windows of all kinds, side by side. */
export function windowKindsJob(): JobDefinition {
  return defineJob(
    "window-kinds",
    (env) => {
      const steps = env.source(kinesisSource({ stream: "steps", schema: unchecked<Step>() }), {
        uid: "steps",
        watermarks: boundedOutOfOrderness<Step>({
          timestamp: ({ atMs }) => atMs,
          bound: { seconds: 1 },
        }),
      });
      const byUser = steps.keyBy("user");
      for (const [uid, { build }] of Object.entries(kinds))
        build(byUser, uid).sinkTo(dynamodbSink({ table: uid, key: ["user", "id"] }), {
          uid: `${uid}-rows`,
        });
      walks(byUser).sinkTo(dynamodbSink({ table: "walks", key: ["user"] }), { uid: "walks-rows" });
      steps
        .windowAll(tumbling, { uid: "everybody", allowedLateness })
        .aggregate(
          { create: () => 0, add: (sum, { n }) => sum + n, result: (sum) => sum },
          (n, { window }) => ({ startMs: window.startMs, n }),
        )
        .sinkTo(dynamodbSink({ table: "everybody", key: ["startMs"] }), { uid: "everybody-rows" });
    },
    { maxParallelism: 16 },
  );
}

/** Sessions that forget what they have given: which results there are depends on watermarks, but all of them together are every step once. */
function walks(byUser: KeyedStream<Step, string>): DataStream<{ user: string; n: number }> {
  return byUser
    .window(sessionWindows({ gap: { milliseconds: 900 } }), {
      uid: "sessions",
      allowedLateness,
      accumulation: "discarding",
    })
    .reduce((left, right) => ({ ...left, n: left.n + right.n }))
    .map(({ user, n }) => ({ user, n }))
    .keyBy("user")
    .reduce((left, right) => ({ ...left, n: left.n + right.n }), { uid: "walks" });
}

/** The same by plain computation: the rows of each table as `rowsOf` gives them. */
export function plainKinds(steps: readonly Step[]): Record<string, readonly string[]> {
  const byUser = Map.groupBy(steps, ({ user }) => user);
  const tablesOf = Object.entries(kinds).map(([name, { plain }]) => [
    name,
    [...byUser.values()]
      .flatMap((own) => plain(own))
      .map(textOf)
      .sort(),
  ]);
  const everybody = Map.groupBy(steps, ({ atMs }) => Math.floor(atMs / sizeMs) * sizeMs);
  return {
    ...(Object.fromEntries(tablesOf) as Record<string, readonly string[]>),
    walks: Array.from(byUser, ([user, own]) => textOf({ user, n: sumOf(own) })).sort(),
    everybody: Array.from(everybody, ([startMs, own]) => textOf({ startMs, n: sumOf(own) })).sort(),
  };
}

function sumOf(own: readonly Step[]): number {
  return own.reduce((sum, { n }) => sum + n, 0);
}

function textOf(row: object): string {
  return JSON.stringify(
    Object.fromEntries(Object.entries(row).sort(([left], [right]) => (left < right ? -1 : 1))),
  );
}
