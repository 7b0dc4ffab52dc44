import { dynamodbSink, kinesisSink } from "../../../runtime/connectors/index.ts";
import {
  type DataStream,
  defineJob,
  elementType,
  type JobDefinition,
  listState,
  mapState,
  outputTag,
  valueState,
} from "../../../runtime/index.ts";
import { report } from "../shape.ts";
import { checkOrder, type Item, springTrap } from "./item.ts";
import { readItems } from "./source.ts";
import { jobOptions, type JobVariant } from "./variants.ts";

/** Items of a key that one firing of the timer "flush" takes. */
export interface Flush {
  readonly key: string;
  /** Counts the flushes of the key. */
  readonly round: number;
  readonly atMs: number;
  /** In the order in which they came. */
  readonly ids: readonly string[];
}

/** One of three firings of the timer "echo", which sets itself again. */
export interface Echo {
  readonly key: string;
  readonly number: number;
  readonly atMs: number;
}

/** A timer of its own for each item: all of a key are set at once. */
export interface Telling {
  readonly key: string;
  readonly id: string;
  readonly atMs: number;
}

/** What had come when the processing-time timer "beat" fired. */
export interface Beat {
  readonly key: string;
  readonly group: string;
  readonly n: number;
  readonly sum: number;
}

/** What is kept of an item until the next flush. */
export interface Pending {
  readonly id: string;
  readonly trap?: string;
}

/** Event time from an item to what it sets off. */
export const waitMs = 400;
export const echoesMax = 3;

/** What the value of an item makes the timer "flush" do. */
export function flushAction(value: number): "put-off" | "clear" | "bring-forward" | "nothing" {
  if (value <= 5) return "put-off";
  return ({ 6: "clear", 7: "bring-forward" } as const)[value] ?? "nothing";
}

export const echoValue = 9;
const echoes = outputTag<Echo>("echoes");
const beats = outputTag<Beat>("beats");
const tellings = outputTag<Telling>("tellings");

export function timerJob(variant: JobVariant): JobDefinition {
  return defineJob(
    "timers",
    (env) => {
      const flushes = readItems(env, "items")
        .keyBy((item) => item.key)
        .process({
          uid: "timers",
          state: {
            pending: listState<Pending>(),
            newestMs: valueState<number>(),
            rounds: valueState<number>(),
            echoed: valueState<number>(),
            n: valueState<number>(),
            sum: valueState<number>(),
            armed: valueState<boolean>(),
            last: mapState<string, number>(),
          },
          emits: elementType<Flush>(),
          onElement(item, ctx) {
            const { state, timers, nowMs } = ctx;
            state.pending.add(pendingOf(item));
            const newestMs = Math.max(item.atMs, state.newestMs.get() ?? item.atMs);
            state.newestMs.set(newestMs);
            const flush = timers.event("flush");
            const action = flushAction(item.value);
            if (action === "put-off") flush.set(newestMs + waitMs);
            if (action === "bring-forward") flush.set(item.atMs + waitMs);
            if (action === "clear") flush.clear();
            if (item.value === echoValue && state.echoed.get() === undefined) {
              state.echoed.set(0);
              timers.event("echo").set(item.atMs + waitMs);
            }
            const beat = timers.processing("beat");
            if (beat.timeMs === undefined) beat.set(nowMs + 40 * item.value);
            else if (item.value === 7) beat.set(nowMs + 5);
            const cancel = timers.processing("cancel");
            if (item.value % 2 === 0) {
              cancel.set(nowMs + 500);
              state.armed.set(true);
            } else {
              cancel.clear();
              state.armed.clear();
            }
            timers.event("tell", item.id).set(item.atMs + waitMs);
            springTrap(item, "element");
            state.n.set((state.n.get() ?? 0) + 1);
            state.sum.set((state.sum.get() ?? 0) + item.value);
            checkOrder("timers", item, state.last);
          },
          onTimer: {
            flush(ctx) {
              const { state, key, timestampMs: atMs } = ctx;
              if (ctx.watermarkMs < atMs)
                report(`timers: ${key} flushed at ${atMs}, with the watermark ${ctx.watermarkMs}.`);
              const round = (state.rounds.get() ?? 0) + 1;
              state.rounds.set(round);
              const pending = state.pending.get();
              state.pending.clear();
              state.newestMs.clear();
              const trapped = pending.find(({ trap }) => trap === "timer");
              springTrap({ trap: trapped?.trap } as Item, "timer");
              ctx.emit({ key, round, atMs, ids: pending.map(({ id }) => id) });
            },
            echo(ctx) {
              const { state, timers, key, timestampMs: atMs } = ctx;
              const number = (state.echoed.get() ?? 0) + 1;
              state.echoed.set(number);
              if (number < echoesMax) timers.event("echo").set(atMs + waitMs);
              ctx.output(echoes, { key, number, atMs });
            },
            tell(ctx) {
              const { timerId = "nobody", key, timestampMs: atMs } = ctx;
              ctx.output(tellings, { key, id: timerId, atMs });
            },
            beat(ctx) {
              const { state, key, nowMs, timestampMs } = ctx;
              if (nowMs < timestampMs)
                report(`timers: ${key} beat at ${nowMs} instead of ${timestampMs}.`);
              const [n, sum] = [state.n.get() ?? 0, state.sum.get() ?? 0];
              ctx.output(beats, { key, group: groupOf(key), n, sum });
            },
            cancel({ state, key }) {
              if (state.armed.get() !== true)
                report(`timers: a timer of ${key} fired after it was cleared.`);
              state.armed.clear();
            },
          },
        });
      flushes.sinkTo(kinesisSink({ stream: "flushes", partitionKey: ({ key }) => key }), {
        uid: "flushes",
      });
      flushes.sinkTo(dynamodbSink({ table: "flushes", key: ["key"] }), { uid: "flush-rows" });
      flushes
        .sideOutput(echoes)
        .sinkTo(kinesisSink({ stream: "echoes", partitionKey: ({ key }) => key }), {
          uid: "echoes",
        });
      flushes
        .sideOutput(tellings)
        .sinkTo(kinesisSink({ stream: "tellings", partitionKey: ({ key }) => key }), {
          uid: "tellings",
        });
      const allBeats = flushes.sideOutput(beats);
      allBeats.sinkTo(dynamodbSink({ table: "beats", key: ["key"] }), { uid: "beat-rows" });
      addTotals(allBeats);
    },
    jobOptions(variant),
  );
}

/** Beats come behind all event time: the totals must not close before the last of them. */
function addTotals(allBeats: DataStream<Beat>): void {
  allBeats
    .keyBy((beat) => beat.group)
    .process({
      uid: "totals",
      state: { byKey: mapState<string, number>(), closed: valueState<boolean>() },
      emits: elementType<{ group: string; total: number }>(),
      onElement({ key, n }, { state, timers }) {
        if (state.closed.get() === true) report(`totals: a beat of ${key} came after the end.`);
        if (n < (state.byKey.get(key) ?? 0)) report(`totals: a beat of ${key} went back to ${n}.`);
        state.byKey.set(key, n);
        timers.event("close").set(Number.MAX_SAFE_INTEGER);
      },
      onTimer: {
        close(ctx) {
          ctx.state.closed.set(true);
          let total = 0;
          for (const [, n] of ctx.state.byKey.entries()) total += n;
          ctx.emit({ group: ctx.key, total });
        },
      },
    })
    .sinkTo(dynamodbSink({ table: "totals", key: ["group"] }), { uid: "total-rows" });
}

export function groupOf(key: string): string {
  return `g${key.length + key.charCodeAt(1)}`;
}

export function pendingOf({ id, trap }: Item): Pending {
  return { id, ...(trap === "timer" && { trap }) };
}
