import { jobError } from "../errors/millrace-error.ts";
import type { Change } from "../graph/change.ts";
import { momentOf } from "../graph/event-time.ts";
import type { ProcessContext } from "../graph/functions.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { CoProcessNode, ProcessNode } from "../graph/node.ts";
import { synchronous } from "../graph/synchronous.ts";
import type { StateDeclarations } from "../graph/state-declarations.ts";
import { failIn, type KeyedOperator, type OperatorParts, type Push } from "./contract.ts";
import type { KeyedInputs } from "./keyed.ts";
import { namedTimers } from "./process-timers.ts";
import { userMetrics } from "./user-metrics.ts";
import { stateHandles } from "./process-state.ts";

type Context = ProcessContext<KeyValue, StateDeclarations, string, unknown>;

/** A process function of one input. */
export function processOperator(node: ProcessNode, parts: OperatorParts): KeyedOperator {
  const { definition } = node;
  const { onElement } = definition;
  const { pushes, ...operator } = processFunction(definition, { handlers: { onElement } }, parts);
  return { ...operator, push: pushes[0] as Push };
}

/** A process function of two inputs, which share its state and timers. */
export function coProcessOperator(node: CoProcessNode, parts: OperatorParts): KeyedInputs {
  const { definition } = node;
  const { onElement1, onElement2 } = definition;
  return processFunction(definition, { handlers: { onElement1, onElement2 } }, parts);
}

type Definition = ProcessNode["definition"];
type OnElement = ProcessNode["definition"]["onElement"];

interface Functions {
  /** By their names: one for each keyed input. */
  readonly handlers: Readonly<Record<string, OnElement>>;
  /** What contexts have besides. */
  readonly handles?: object;
}

/**
 * A keyed process function. Its results are new elements, or take the place of others where it says so, with the time of the element or timer in hand, or
 * the watermark where it is a timer of processing time.
 */
export function processFunction(
  definition: Omit<ProcessNode["definition"], "onElement">,
  { handlers, handles }: Functions,
  parts: OperatorParts,
): KeyedInputs {
  const { uid, state, metrics: declared, onTimer } = definition;
  const { runtime } = parts;
  if (state !== undefined && Object.hasOwn(state, "timers")) throw reservedName(uid);
  const timers = namedTimers(uid, runtime, (name) => Object.hasOwn(onTimer ?? {}, name));
  const inHand: InHand = { ...nothingInHand };
  const metrics = userMetrics(declared ?? {});
  if (declared !== undefined) parts.metrics.user = metrics;
  const own = {
    ...handles,
    metrics: metrics.handles,
    state: stateHandles(uid, runtime, state ?? {}),
    timers: timers.service,
    job: parts.job,
    resource: parts.resource,
  };
  const context = contextOf(parts, { definition, inHand }, own);

  function enter(taken: Omit<InHand, "behind">): void {
    inHand.timestampMs = taken.timestampMs;
    inHand.resultMs = taken.resultMs;
    inHand.change = taken.change;
    inHand.before = taken.before;
    inHand.timerId = taken.timerId;
    inHand.behind = undefined;
  }

  /** What failed behind the function is no failure of its own, and stays one where the function caught it. */
  function leave(failed?: { readonly thrown: unknown }): void {
    const { behind } = inHand;
    // Even undefined can be thrown.
    const isOwn = behind === undefined || failed?.thrown !== behind.thrown;
    if (failed !== undefined && isOwn) failIn(uid, failed.thrown);
    if (behind !== undefined) throw behind.thrown;
  }

  const pushOf =
    (name: string, onElement: OnElement): Push =>
    (value, timestampMs, change, before) => {
      enter({ timestampMs, resultMs: timestampMs, change, before, timerId: undefined });
      try {
        synchronous<unknown>(onElement(value, context), name);
      } catch (thrown) {
        leave({ thrown });
      }
      if (inHand.behind !== undefined) leave();
    };

  return {
    pushes: Object.entries(handlers).map(([name, onElement]) => pushOf(name, onElement)),
    onTimer(timer) {
      const { domain, name, id: timerId } = timers.take(timer);
      const { timeMs: timestampMs } = timer;
      const resultMs = domain === "event" ? timestampMs : momentOf(runtime.watermarkMs);
      enter({ timestampMs, resultMs, change: "insert", before: undefined, timerId });
      try {
        const handler = onTimer?.[name];
        if (handler === undefined) throw new Error(`Timer "${name}" has no function in onTimer.`);
        synchronous<unknown>(handler(context), `timer "${name}"`);
      } catch (thrown) {
        leave({ thrown });
      }
      if (inHand.behind !== undefined) leave();
    },
    passOver: (timer) => void timers.take(timer),
  };
}

function reservedName(uid: string): Error {
  return jobError("state-name-reserved", {
    message: `Process function "${uid}" declares a state "timers": its timers are kept under that name.`,
    next: "Give the state another name.",
    uid,
  });
}

/** The element or timer that the context speaks of. */
interface InHand {
  timestampMs: number;
  /** Event time of its results. */
  resultMs: number;
  change: Change;
  before: unknown;
  timerId: string | undefined;
  /** What an operator behind this one threw while it was called from here. */
  behind: { readonly thrown: unknown } | undefined;
}

const nothingInHand: Readonly<InHand> = {
  timestampMs: 0,
  resultMs: 0,
  change: "insert",
  before: undefined,
  timerId: undefined,
  behind: undefined,
};

/** The one context of an operator. */
function contextOf(
  { runtime, output }: OperatorParts,
  {
    definition,
    inHand,
  }: {
    readonly definition: Pick<Definition, "uid" | "gives" | "outputs">;
    readonly inHand: InHand;
  },
  handles: Pick<Context, "state" | "timers" | "metrics" | "job" | "resource">,
): Context {
  const sides = new Map<string, Push>();
  const given: Change = definition.gives === "upsert" ? "replace" : "insert";

  function sideOf(tag: string): Push {
    const { uid, outputs } = definition;
    if (outputs !== undefined && !outputs.some((declared) => declared.tag === tag))
      throw new RangeError(`Process function "${uid}" does not name "${tag}" in its outputs.`);
    return output.side(tag);
  }

  function pass(push: Push, value: unknown, change: Change): void {
    const result = synchronous(value, "emit");
    try {
      push(result, inHand.resultMs, change);
    } catch (thrown) {
      inHand.behind ??= { thrown };
      throw thrown;
    }
  }

  return {
    ...handles,
    get key() {
      return runtime.current.key;
    },
    get timestampMs() {
      return inHand.timestampMs;
    },
    get change() {
      return inHand.change;
    },
    get before() {
      return inHand.before;
    },
    get timerId() {
      return inHand.timerId;
    },
    get watermarkMs() {
      return runtime.watermarkMs;
    },
    get nowMs() {
      return runtime.nowMs;
    },
    emit(value) {
      pass(output.emit, value, given);
    },
    delete(value) {
      if (definition.gives !== "upsert") throw new Error(undeclaredDelete(definition.uid));
      pass(output.emit, value, "delete");
    },
    output({ tag }, value) {
      let side = sides.get(tag);
      if (side === undefined) sides.set(tag, (side = sideOf(tag)));
      pass(side, value, "insert");
    },
  };
}

function undeclaredDelete(uid: string): string {
  return `Process function "${uid}" withdraws a result, but says that it only gives new ones: write gives: "upsert" in its definition.`;
}
