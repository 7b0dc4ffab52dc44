import type { TimeWindow } from "../graph/functions.ts";
import { synchronous } from "../graph/synchronous.ts";
import type {
  TriggerContext,
  TriggerDefinition,
  TriggerMergeContext,
  TriggerResult,
} from "../graph/window-trigger.ts";
import { type KeyedRuntime, passOnOfWindow, UserCodeFailure } from "../operators/contract.ts";
import { copyValue } from "../serde/copy-value.ts";
import type { TimeDomain, windowTimers } from "./window-timers.ts";

interface TriggerParts {
  readonly operator: string;
  readonly trigger: TriggerDefinition<unknown, unknown>;
  readonly runtime: KeyedRuntime;
  readonly timers: ReturnType<typeof windowTimers>;
}

/** Where what a trigger keeps of a window lies. */
export interface TriggerPlace {
  get(): unknown;
  /** Undefined: nothing is kept. */
  set(value: unknown): void;
}

/** The window that the context speaks of. */
export interface WindowInHand {
  readonly window: TimeWindow;
  readonly timestampMs: number;
  readonly place: TriggerPlace;
}

const results: readonly unknown[] = ["continue", "fire", "purge", "fire-and-purge"];

/** A trigger's functions, called for one window after the other with the one context that they see. */
export function triggerInHand({ operator, trigger, runtime, timers }: TriggerParts) {
  const about = `What the trigger of "${operator}" keeps`;
  let inHand: WindowInHand;
  const set = (domain: TimeDomain) => (timeMs: number) =>
    timers.set({ domain, window: inHand.window, timeMs });
  const clear = (domain: TimeDomain) => (timeMs: number) =>
    timers.clear({ domain, window: inHand.window, timeMs });
  const made = (kept: unknown): unknown => (kept === undefined ? trigger.state?.() : kept);

  const context: TriggerContext<unknown> = {
    get window() {
      return inHand.window;
    },
    get timestampMs() {
      return inHand.timestampMs;
    },
    get watermarkMs() {
      return runtime.watermarkMs;
    },
    get nowMs() {
      return runtime.nowMs;
    },
    state: {
      get: () => made(inHand.place.get()),
      set: (value) => inHand.place.set(copyValue(value, about)),
      clear: () => inHand.place.set(undefined),
    },
    timers: {
      setEvent: set("event"),
      clearEvent: clear("event"),
      setProcessing: set("processing"),
      clearProcessing: clear("processing"),
    },
  };

  function call<R>(what: string, now: WindowInHand, fn: () => R): R {
    inHand = now;
    try {
      return synchronous(fn(), what);
    } catch (thrown) {
      const failure = UserCodeFailure.is(thrown) ? thrown : new UserCodeFailure(operator, thrown);
      passOnOfWindow(failure, now.window);
    }
  }

  function answer(what: string, now: WindowInHand, fn: () => TriggerResult): TriggerResult {
    return call(what, now, () => {
      const result = synchronous(fn(), what);
      if (results.includes(result)) return result;
      throw new TypeError(
        `${what} of trigger "${trigger.name}" answered ${String(result)}; it must be one of ${results.join(", ")}.`,
      );
    });
  }

  return {
    onElement: (now: WindowInHand, value: unknown) =>
      answer("onElement", now, () => trigger.onElement(value, context)),
    onTimer(now: WindowInHand, domain: TimeDomain): TriggerResult {
      const name = domain === "event" ? "onEventTime" : "onProcessingTime";
      return answer(name, now, () => trigger[name]?.(context) ?? "continue");
    },
    onMerge(now: WindowInHand, states: readonly { window: TimeWindow; state: unknown }[]): void {
      const merged = states.map(({ window, state }) => ({ window, state: made(state) }));
      const mergeContext: TriggerMergeContext<unknown> = Object.create(context, {
        merged: { value: merged },
      });
      call("onMerge", now, () => trigger.onMerge?.(mergeContext));
    },
    clear: (now: WindowInHand) => call("clear", now, () => trigger.clear?.(context)),
  };
}
