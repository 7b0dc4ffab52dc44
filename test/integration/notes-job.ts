import { dynamodbSink, kinesisSource } from "../../runtime/connectors/index.ts";
import {
  boundedOutOfOrderness,
  defineJob,
  elementType,
  listState,
  mapState,
  tumblingWindows,
  unchecked,
  valueState,
} from "../../runtime/index.ts";
import type { SlotWorld } from "./slot-world.ts";

/** The job of the frozen savepoint: it keeps a value of every type. It may never change, or the savepoint is another job's. */
export interface Note {
  readonly author: string;
  readonly n: number;
  readonly atMs: number;
}

interface Kept {
  readonly last: Note;
  readonly big: bigint;
  readonly seen: ReadonlySet<number>;
  readonly byDay: ReadonlyMap<number, readonly { readonly n: number }[]>;
  readonly at: Date;
  readonly bytes: Uint8Array;
  readonly floats: Float64Array;
  readonly words: RegExp;
  readonly nothing: undefined;
  readonly odd: readonly unknown[];
}

const dayMs = 1_000;

function keptOf(note: Note, before: Kept | undefined): Kept {
  const day = Math.floor(note.atMs / dayMs);
  return {
    last: note,
    big: (before?.big ?? 2n ** 70n) + BigInt(note.n),
    seen: new Set([...(before?.seen ?? []), note.n % 3]),
    byDay: new Map([...(before?.byDay ?? []), [day, [{ n: note.n }, { n: -1 }]]]),
    at: new Date(note.atMs),
    bytes: Uint8Array.of(note.n & 0xff, 7),
    floats: Float64Array.of(note.n / 3, -0),
    words: /a+/giu,
    nothing: undefined,
    odd: [JSON.parse('{"__proto__":1}'), "\ud800", new Date(Number.NaN), -0, Number.NaN, 1n],
  };
}

/** What is kept of one author's notes, as a row shows it. */
function rowOf(
  author: string,
  kept: Kept,
  notes: readonly Note[],
  each: Iterable<readonly [number, bigint]>,
) {
  return {
    author,
    notes: notes.length,
    last: kept.last.n,
    big: String(kept.big),
    seen: [...kept.seen].sort().join(),
    days: [...kept.byDay.keys()].join(),
    inDays: [...kept.byDay.values()].flat().reduce((sum, { n }) => sum + n, 0),
    atMs: kept.at.getTime(),
    each: Array.from(each, ([key, value]) => `${key}:${value}`).join(),
  };
}

export const notesJob = defineJob(
  "notes",
  (env) => {
    const byAuthor = env
      .source(kinesisSource({ stream: "notes", schema: unchecked<Note>() }), {
        uid: "notes",
        watermarks: boundedOutOfOrderness({
          timestamp: (note) => note.atMs,
          bound: { milliseconds: 100 },
        }),
      })
      .keyBy((note) => note.author);
    const kept = byAuthor.process({
      uid: "keep",
      state: {
        kept: valueState<Kept>(),
        notes: listState<Note>(),
        each: mapState<number, bigint>(),
      },
      emits: elementType<ReturnType<typeof rowOf>>(),
      onElement(note, ctx) {
        const kept = keptOf(note, ctx.state.kept.get());
        ctx.state.kept.set(kept);
        ctx.state.notes.add(note);
        ctx.state.each.set(note.n % 4, BigInt(note.n));
        ctx.timers.event("tidy").set(note.atMs + 3_000);
        ctx.emit(rowOf(note.author, kept, ctx.state.notes.get(), ctx.state.each.entries()));
      },
      onTimer: {
        tidy(ctx) {
          ctx.state.each.clear();
        },
      },
    });
    kept.sinkTo(dynamodbSink({ table: "kept", key: { author: "string" } }), { uid: "kept" });
    kept
      .keyBy((row) => row.last % 5)
      .reduce((one, other) => ({ ...other, notes: one.notes + other.notes }), { uid: "sums" })
      .map((row) => ({ fifth: row.last % 5, notes: row.notes }))
      .sinkTo(dynamodbSink({ table: "fifths", key: { fifth: "number" } }), { uid: "fifth-rows" });
    byAuthor
      .window(tumblingWindows({ size: { milliseconds: 1_000 } }), { uid: "seconds" })
      .process((inWindow, { key, window }) => [
        { author: key, startMs: window.startMs, ns: inWindow.map(({ n }) => n).join() },
      ])
      .sinkTo(dynamodbSink({ table: "seconds", key: { author: "string", startMs: "number" } }), {
        uid: "second-rows",
      });
  },
  { maxParallelism: 16 },
);

export const notes: readonly Note[] = Array.from({ length: 300 }, (_, n) => ({
  author: `author ${n % 7}`,
  n,
  atMs: 1_000_000 + n * 40,
}));

export async function putNotes(world: SlotWorld, some: readonly Note[]): Promise<void> {
  await world.put("notes", some, (note: Note) => note.author);
}
