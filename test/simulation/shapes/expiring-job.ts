import { dynamodbSink } from "../../../runtime/connectors/index.ts";
import {
  defineJob,
  elementType,
  type JobDefinition,
  mapState,
  type ProcessContext,
  valueState,
} from "../../../runtime/index.ts";
import { report } from "../shape.ts";
import { springTrap } from "./item.ts";
import { readItems } from "./source.ts";
import { jobOptions, type JobVariant } from "./variants.ts";

const afterMs = 1_200;
const after = { milliseconds: afterMs };

/** When it was used last, and by what. */
type Used = readonly [usedMs: number, id: string];

const state = {
  n: valueState<number>(),
  seen: mapState<string, string>({ ttl: { after, time: "event", update: "onReadAndWrite" } }),
  last: valueState<string>({ ttl: { after, time: "event" } }),
  allSeen: mapState<string, Used>(),
  everLast: valueState<Used>(),
};

type Context = Pick<
  ProcessContext<string, typeof state, "gone" | "there" | "lastGone", unknown>,
  "state" | "timers" | "key" | "watermarkMs" | "timestampMs"
>;

export function expiringJob(variant: JobVariant): JobDefinition {
  return defineJob(
    "expiring",
    (env) => {
      readItems(env, "items")
        .keyBy((item) => item.key)
        .process({
          uid: "expiring",
          state,
          emits: elementType<{ readonly key: string; readonly n: number }>(),
          onElement(item, ctx) {
            const nowMs = Math.max(ctx.timestampMs, ctx.watermarkMs);
            look(ctx, `v${item.value}`, { id: item.id, nowMs, writes: item.value % 3 === 0 });
            lookAtLast(ctx, { id: item.id, nowMs, writes: item.value % 2 === 0 });
            springTrap(item, "element");
            const n = (ctx.state.n.get() ?? 0) + 1;
            ctx.state.n.set(n);
            ctx.emit({ key: ctx.key, n });
          },
          onTimer: {
            gone(ctx) {
              if (isEnd(ctx)) return;
              const { timerId: name = "" } = ctx;
              if (isLookedAt(name) && ctx.state.seen.has(name)) tell(ctx, `${name} is still seen`);
              ctx.state.allSeen.delete(name);
            },
            there(ctx) {
              const kept = ctx.state.everLast.get()?.[1];
              if (ctx.state.last.get() !== kept) tell(ctx, `the last is not ${kept}`);
            },
            lastGone(ctx) {
              if (isEnd(ctx)) return;
              const [, id = ""] = ctx.state.everLast.get() ?? [];
              if (isLookedAt(id) && ctx.state.last.get() !== undefined)
                tell(ctx, "the last is still seen");
              ctx.state.everLast.clear();
            },
          },
        })
        .sinkTo(dynamodbSink({ table: "expiring", key: ["key"] }), { uid: "rows" });
    },
    jobOptions(variant),
  );
}

/** A look takes away what has expired. Of the others only clean-up does. */
const isLookedAt = (name: string): boolean => name.charCodeAt(name.length - 1) % 2 === 0;

/** The end of the input expires nothing. */
const isEnd = ({ watermarkMs }: Context): boolean => watermarkMs === Number.POSITIVE_INFINITY;

function tell({ key, timestampMs, watermarkMs }: Context, what: string): void {
  report(`expiring: for ${key} at ${timestampMs}, with the watermark ${watermarkMs}, ${what}.`);
}

interface Look {
  readonly id: string;
  readonly nowMs: number;
  readonly writes: boolean;
}

/** A read is a use. */
function look(ctx: Context, name: string, { id, nowMs, writes }: Look): void {
  const { seen, allSeen } = ctx.state;
  const before = living(allSeen.get(name), nowMs);
  const found = seen.get(name);
  if (found !== before?.[1]) tell(ctx, `${name} is ${found} instead of ${before?.[1]}`);
  if (writes) seen.set(name, id);
  const value = writes ? id : before?.[1];
  if (value === undefined) return allSeen.delete(name);
  const usedMs = Math.max(nowMs, before?.[0] ?? nowMs);
  allSeen.set(name, [usedMs, value]);
  ctx.timers.event("gone", name).set(usedMs + afterMs);
}

/** Only a write is one. */
function lookAtLast(ctx: Context, { id, nowMs, writes }: Look): void {
  const { last, everLast } = ctx.state;
  const before = living(everLast.get(), nowMs);
  const found = last.get();
  if (found !== before?.[1]) tell(ctx, `the last is ${found} instead of ${before?.[1]}`);
  if (before === undefined) everLast.clear();
  if (!writes) return;
  last.set(id);
  const usedMs = Math.max(nowMs, before?.[0] ?? nowMs);
  everLast.set([usedMs, id]);
  ctx.timers.event("there").set(usedMs + afterMs - 1);
  ctx.timers.event("lastGone").set(usedMs + afterMs);
}

function living(used: Used | undefined, nowMs: number): Used | undefined {
  return used !== undefined && used[0] + afterMs > nowMs ? used : undefined;
}
