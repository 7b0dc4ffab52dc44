import type { TriggerContext, TriggerDefinition, TriggerResult } from "../graph/window-trigger.ts";
import { keptBy } from "./trigger-definition.ts";

export interface Timeout {
  readonly timeoutMs: number;
  /** The time begins anew with every element. */
  readonly resetOnElement: boolean;
  /** The other trigger begins anew with the result. */
  readonly clearOnTimeout: boolean;
}

interface Waiting<S> {
  readonly dueMs?: number;
  readonly inner?: S;
}

/**
 * Fires when another trigger does, and some time after the first element since at the latest (Flink: ProcessingTimeoutTrigger). A time-out does not
 * purge, also where the other one always does.
 */
export function processingTimeoutTrigger<T, S>(
  inner: TriggerDefinition<T, S>,
  { timeoutMs, resetOnElement, clearOnTimeout }: Timeout,
): TriggerDefinition<T, Waiting<S>> {
  function clear(ctx: TriggerContext<Waiting<S>>): void {
    const { dueMs } = ctx.state.get();
    if (dueMs !== undefined) ctx.timers.clearProcessing(dueMs);
    inner.clear?.(within(ctx, inner));
    ctx.state.clear();
  }

  /** Any timer that comes due fires: a time-out, or one that the other trigger has set. */
  function timedOut(answer: TriggerResult, ctx: TriggerContext<Waiting<S>>): TriggerResult {
    if (clearOnTimeout) clear(ctx);
    return answer === "purge" || answer === "fire-and-purge" ? "fire-and-purge" : "fire";
  }

  return {
    name: `${inner.name}, or ${timeoutMs} ms later`,
    keeps: `a time-out over ${keptBy(inner)}`,
    state: () => ({}),
    onElement(value, ctx) {
      const answer = inner.onElement(value, within(ctx, inner));
      if (answer === "fire" || answer === "fire-and-purge") {
        clear(ctx);
        return answer;
      }
      const waiting = ctx.state.get();
      if (waiting.dueMs !== undefined && !resetOnElement) return answer;
      if (waiting.dueMs !== undefined) ctx.timers.clearProcessing(waiting.dueMs);
      const dueMs = ctx.nowMs + timeoutMs;
      ctx.state.set({ ...waiting, dueMs });
      ctx.timers.setProcessing(dueMs);
      return answer;
    },
    onEventTime: (ctx) => timedOut(inner.onEventTime?.(within(ctx, inner)) ?? "continue", ctx),
    onProcessingTime: (ctx) =>
      timedOut(inner.onProcessingTime?.(within(ctx, inner)) ?? "continue", ctx),
    clear,
  };
}

/** What the other trigger sees: its own part of the state. */
function within<S>(
  ctx: TriggerContext<Waiting<S>>,
  { state: create }: TriggerDefinition<never, S>,
): TriggerContext<S> {
  return {
    window: ctx.window,
    timestampMs: ctx.timestampMs,
    watermarkMs: ctx.watermarkMs,
    nowMs: ctx.nowMs,
    timers: ctx.timers,
    state: {
      get() {
        const { inner } = ctx.state.get();
        return inner ?? (create?.() as S);
      },
      set: (inner) => ctx.state.set({ ...ctx.state.get(), inner }),
      clear() {
        const { inner: _, ...waiting } = ctx.state.get();
        ctx.state.set(waiting);
      },
    },
  };
}
