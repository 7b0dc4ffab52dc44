import { dynamodbSink, kinesisSource } from "../../runtime/connectors/index.ts";
import {
  boundedOutOfOrderness,
  type DataStream,
  defineJob,
  elementType,
  type JobDefinition,
  type KeyedStream,
  listState,
  mapState,
  outputTag,
  slidingWindows,
  tumblingWindows,
  unchecked,
  valueState,
} from "../../runtime/index.ts";

export interface Bought {
  readonly user: string;
  readonly n: number;
  readonly tags: readonly string[];
  readonly atMs: number;
}

interface Part {
  user: string;
  n: number;
  tags: string[];
  atMs: number;
}

interface Basket {
  user: string;
  startMs: number;
  n: number;
  tags: string[];
}

const tables = ["baskets", "totals", "steps", "odd", "last", "sliding", "joined"] as const;

const sizeMs = 10_000;
const slideMs = 5_000;
const allowedLateness = { hours: 1_000 };
const odd = outputTag<{ user: string; step: number; tags: string[] }>("odd");

/** Whatever can be changed about a value is changed. */
export function spoil(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  for (const part of Object.values(value)) spoil(part);
  if (Array.isArray(value)) {
    value.push("spoilt");
    value.reverse();
    return;
  }
  const record = value as Record<string, unknown>;
  for (const [name, part] of Object.entries(record)) {
    if (typeof part === "number") record[name] = part + 1_000;
    if (typeof part === "string") record[name] = `${part}, spoilt`;
  }
}

/** For one function: spoils at its next call what it was given and has given by then. */
export function spoiler() {
  let last: readonly unknown[] = [];
  return (...values: readonly unknown[]): void => {
    for (const value of last) spoil(value);
    last = values;
  };
}

/** A job of all kinds of operators, whose functions spoil what they can. */
export function spoilingJob(aligned: boolean): JobDefinition {
  return defineJob(
    "spoiling",
    (env) => {
      const spoilTimed = spoiler();
      const bought = env.source(kinesisSource({ stream: "bought", schema: unchecked<Bought>() }), {
        uid: "bought",
        watermarks: boundedOutOfOrderness({
          timestamp: (one) => {
            spoilTimed(one);
            return one.atMs;
          },
          bound: { seconds: 1 },
        }),
        ...(aligned && { partitionedBy: (one: Bought) => one.user }),
      });
      const parts = stateless(bought);
      // A selector that is seen to take a field, and one that changes what it is given.
      const byUser = parts.keyBy((part) => part.user);
      const bySpoilt = aligned
        ? byUser
        : parts.keyBy((part) => {
            const user = String(part.user);
            spoil(part);
            return user;
          });
      baskets(byUser);
      steps(bySpoilt);
      reductions(bySpoilt);
    },
    { maxParallelism: 16, restart: { kind: "fixed-delay", attempts: 1, delayMs: 1 } },
  );
}

/** Doubles n, and gives each element again with a tag. */
function stateless(bought: DataStream<Bought>): DataStream<Part> {
  const [spoilMapped, spoilFiltered, spoilFlat] = [spoiler(), spoiler(), spoiler()];
  const results: Part[] = [];
  return bought
    .map((one) => {
      spoilMapped(one);
      const part = one as Part;
      part.n *= 2;
      return part;
    })
    .filter((part) => {
      spoilFiltered(part);
      part.tags.push("filtered");
      return part.n < 16;
    })
    .flatMap((part) => {
      spoilFlat(part, ...results);
      // The same array each time, and parts that share theirs.
      results.splice(0, 2, part, { ...part, n: 1 });
      return results;
    });
}

/** Windows that fire again, and a total that takes back what they gave. */
function baskets(byUser: KeyedStream<Part, string>): void {
  const [spoilAdded, spoilRow, spoilMapped, spoilTotal] = [
    spoiler(),
    spoiler(),
    spoiler(),
    spoiler(),
  ];
  const empty = { n: 0, tags: [] as string[][] };
  const rows = byUser
    .window(tumblingWindows({ size: { milliseconds: sizeMs } }), {
      uid: "baskets",
      allowedLateness,
    })
    .aggregate(
      {
        create: () => empty,
        add(sum, part) {
          spoilAdded();
          sum.n += part.n;
          sum.tags.push(part.tags);
          return sum;
        },
        result(sum) {
          const answer = { n: sum.n, tags: sum.tags.flat().sort() };
          spoil(sum);
          return answer;
        },
      },
      ({ n, tags }, { key, window }): Basket => {
        const row = { user: key, startMs: window.startMs, n, tags };
        spoil(window);
        spoilRow(row);
        return row;
      },
    );
  rows.sinkTo(dynamodbSink({ table: "baskets", key: ["user", "startMs"] }), { uid: "basket-rows" });
  rows
    .map((row) => {
      spoilMapped(row);
      row.n += 1;
      return row;
    })
    .keyBy((row) => row.startMs)
    .process({
      uid: "totals",
      accepts: "retract",
      state: { total: valueState<{ n: number }>() },
      emits: elementType<{ startMs: number; n: number }>(),
      onElement(row, ctx) {
        const total = ctx.state.total.get() ?? { n: 0 };
        const change = (ctx.change === "delete" ? -row.n : row.n) - (ctx.before?.n ?? 0);
        const next = { n: total.n + change };
        ctx.state.total.set(next);
        ctx.emit({ startMs: row.startMs, n: next.n });
        for (const value of [next, row, ctx.before]) spoil(value);
        spoilTotal(row);
      },
    })
    .sinkTo(dynamodbSink({ table: "totals", key: ["startMs"] }), { uid: "total-rows" });
}

/** All kinds of state, a side output, and two who take the results. */
function steps(byUser: KeyedStream<Part, string>): void {
  const spoilStep = spoiler();
  const results = byUser.process({
    uid: "steps",
    state: {
      sum: valueState<{ n: number; parts: Part[] }>(),
      all: listState<Part>(),
      byStep: mapState<number, Part>(),
    },
    emits: elementType<{ user: string; step: number; n: number; kept: Part[] }>(),
    onElement(part, ctx) {
      const before = ctx.state.sum.get();
      const next = { n: (before?.n ?? 0) + part.n, parts: [...(before?.parts ?? []), part] };
      ctx.state.sum.set(next);
      ctx.state.all.add(part);
      const step = next.parts.length;
      ctx.state.byStep.set(step, part);
      const kept = [
        ...next.parts.slice(-2),
        ...ctx.state.all.get().slice(-2),
        ...Array.from(ctx.state.byStep.entries(), ([, one]) => one).slice(-2),
      ].map((one) => structuredClone(one));
      const result = { user: ctx.key, step, n: next.n, kept };
      ctx.emit(result);
      spoil(result);
      if (step % 2 === 1) {
        const side = { user: ctx.key, step, tags: part.tags };
        ctx.output(odd, side);
        spoil(side);
      }
      for (const value of [part, next]) spoil(value);
      spoilStep(part, result);
    },
  });
  results.sinkTo(dynamodbSink({ table: "steps", key: ["user", "step"] }), { uid: "step-rows" });
  results
    .sideOutput(odd)
    .keyBy((one) => {
      const { step } = one;
      spoil(one);
      return step;
    })
    .reduce(
      (left, right) => ({
        user: left.user,
        step: right.step,
        tags: [...left.tags, ...right.tags].sort(),
      }),
      { uid: "odd" },
    )
    .map(({ step, tags }) => ({ step, tags }))
    .sinkTo(dynamodbSink({ table: "odd", key: ["step"] }), { uid: "odd-rows" });
}

/** Values that hold parts of elements; windows that share elements. */
function reductions(byUser: KeyedStream<Part, string>): void {
  const [spoilLast, spoilJoined] = [spoiler(), spoiler()];
  byUser
    .reduce(
      (left, right) => {
        spoilLast(right);
        return { ...left, n: left.n + right.n, tags: right.tags, atMs: right.atMs };
      },
      { uid: "last" },
    )
    .sinkTo(dynamodbSink({ table: "last", key: ["user"] }), { uid: "last-rows" });
  const sliding = slidingWindows({
    size: { milliseconds: sizeMs },
    slide: { milliseconds: slideMs },
  });
  byUser
    .window(sliding, { uid: "sliding", allowedLateness })
    .process((elements, { key, window }) => {
      let n = 0;
      const tags: string[] = [];
      for (const element of elements) {
        n += element.n;
        tags.push(...element.tags);
        spoil(element);
      }
      return [{ user: key, startMs: window.startMs, n, tags: tags.sort() }];
    })
    .sinkTo(dynamodbSink({ table: "sliding", key: ["user", "startMs"] }), { uid: "sliding-rows" });
  byUser
    .window(sliding, { uid: "joined", allowedLateness })
    .reduce(
      (left, right) => {
        spoilJoined(right);
        left.n += right.n;
        left.tags.push(...right.tags);
        return left;
      },
      (joined, { key, window }): Basket => {
        const row = {
          user: key,
          startMs: window.startMs,
          n: joined.n,
          tags: joined.tags.toSorted(),
        };
        spoil(joined);
        return row;
      },
    )
    .sinkTo(dynamodbSink({ table: "joined", key: ["user", "startMs"] }), { uid: "joined-rows" });
}

/** The same by plain computation on values that nobody changes: the rows of each table as `rowsOf` gives them. */
export function plainTables(
  bought: readonly Bought[],
): Record<(typeof tables)[number], readonly string[]> {
  const parts = bought
    .map((one): Part => ({ ...one, n: one.n * 2, tags: [...one.tags, "filtered"] }))
    .filter(({ n }) => n < 16)
    .flatMap((part) => [part, { ...part, n: 1 }]);
  const fixed = windowed(parts, sizeMs);
  const sliding = windowed(parts, slideMs);
  const stepsOf = [...Map.groupBy(parts, ({ user }) => user)].flatMap(([user, own]) =>
    own.map((part, at) => {
      const kept = own.slice(Math.max(0, at - 1), at + 1);
      const n = own.slice(0, at + 1).reduce((sum, one) => sum + one.n, 0);
      return { user, step: at + 1, n, kept: [...kept, ...kept, ...kept], tags: part.tags };
    }),
  );
  const totals = Map.groupBy(fixed, ({ startMs }) => startMs);
  const odds = Map.groupBy(
    stepsOf.filter(({ step }) => step % 2 === 1),
    ({ step }) => step,
  );
  const last = Map.groupBy(parts, ({ user }) => user);
  return {
    baskets: texts(fixed),
    totals: texts(
      Array.from(totals, ([startMs, rows]) => ({
        startMs,
        n: rows.reduce((sum, { n }) => sum + n + 1, 0),
      })),
    ),
    steps: texts(stepsOf.map(({ tags: _, ...row }) => row)),
    odd: texts(
      Array.from(odds, ([step, rows]) => ({
        step,
        // A single one is what it was; those that were joined are sorted.
        tags: rows.length === 1 ? rows[0]!.tags : rows.flatMap(({ tags }) => tags).sort(),
      })),
    ),
    last: texts(
      Array.from(last.values(), (own) => ({
        ...own.at(-1)!,
        n: own.reduce((sum, { n }) => sum + n, 0),
      })),
    ),
    sliding: texts(sliding),
    joined: texts(sliding),
  };
}

function windowed(parts: readonly Part[], everyMs: number): readonly Basket[] {
  const rows = new Map<string, Basket>();
  for (const { user, n, tags, atMs } of parts) {
    const lastMs = Math.floor(atMs / everyMs) * everyMs;
    for (let startMs = lastMs; startMs > atMs - sizeMs; startMs -= everyMs) {
      const id = `${user}|${startMs}`;
      const row = rows.get(id) ?? { user, startMs, n: 0, tags: [] };
      rows.set(id, { ...row, n: row.n + n, tags: [...row.tags, ...tags].sort() });
    }
  }
  return [...rows.values()];
}

export function texts(rows: readonly object[]): readonly string[] {
  return rows.map((row) => JSON.stringify(sorted(row))).sort();
}

/** With its fields in the order of their names. */
function sorted(row: object): object {
  return Object.fromEntries(Object.entries(row).sort(([left], [right]) => (left < right ? -1 : 1)));
}
