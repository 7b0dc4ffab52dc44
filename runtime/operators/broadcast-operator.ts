import type { BroadcastContext } from "../graph/broadcast-functions.ts";
import type { Change } from "../graph/change.ts";
import type { KeyValue } from "../graph/key-value.ts";
import type { BroadcastProcessNode, ProcessNode } from "../graph/node.ts";
import type { BroadcastDeclarations, BroadcastState } from "../graph/state-declarations.ts";
import { synchronous } from "../graph/synchronous.ts";
import type { BroadcastCell } from "../state/broadcast-cell.ts";
import { failIn, type OperatorParts, type Push } from "./contract.ts";
import type { KeyedInputs } from "./keyed.ts";
import { processFunction } from "./process-operator.ts";

/** A process function of a keyed input, which reads what a second one puts into every slot (protocol 4.9). */
export function broadcastOperator(node: BroadcastProcessNode, parts: OperatorParts): KeyedInputs {
  const { uid, onBroadcastElement, ...definition } = node.definition;
  const { broadcast: store } = parts.runtime;
  const writable: Record<string, BroadcastState<KeyValue, unknown>> = {};
  const readable: Record<string, unknown> = {};
  for (const name of Object.keys(node.broadcast)) {
    const state = handleOf(store.declare({ uid, name }));
    writable[name] = state;
    readable[name] = readOnly(state);
  }
  // Its contexts are those of a process function, with what was broadcast beside.
  const keyed = { ...definition, uid } as unknown as ProcessNode["definition"];
  const handlers = { onElement: keyed.onElement };
  const operator = processFunction(keyed, { handlers, handles: { broadcast: readable } }, parts);
  const metrics = (parts.metrics.user?.handles ?? {}) as Context["metrics"];
  const onBroadcast = broadcastPush({ uid, onBroadcastElement }, { broadcast: writable, metrics });
  return { ...operator, pushes: [...operator.pushes, onBroadcast] };
}

type Context = BroadcastContext<BroadcastDeclarations, unknown>;

function broadcastPush(
  {
    uid,
    onBroadcastElement,
  }: Pick<BroadcastProcessNode["definition"], "uid" | "onBroadcastElement">,
  handles: Pick<Context, "broadcast" | "metrics">,
): Push {
  const inHand = { timestampMs: 0, change: "insert" as Change, before: undefined as unknown };
  const context: Context = {
    ...handles,
    get timestampMs() {
      return inHand.timestampMs;
    },
    get change() {
      return inHand.change;
    },
    get before() {
      return inHand.before;
    },
  };
  return (value, timestampMs, change, before) => {
    inHand.timestampMs = timestampMs;
    inHand.change = change;
    inHand.before = before;
    try {
      synchronous<unknown>(onBroadcastElement(value, context), "onBroadcastElement");
    } catch (thrown) {
      failIn(uid, thrown);
    }
  };
}

/** Of the cell nothing else is given to user code. */
function handleOf(cell: BroadcastCell): BroadcastState<KeyValue, unknown> {
  return {
    get: (key) => cell.get(key),
    has: (key) => cell.has(key),
    set: (key, value) => cell.set(key, value),
    delete: (key) => cell.delete(key),
    entries: () => cell.entries(),
    isEmpty: () => cell.isEmpty(),
    clear: () => cell.clear(),
  };
}

/** What has no function to write with can't be written by JavaScript either. */
function readOnly({ get, has, entries, isEmpty }: BroadcastState<KeyValue, unknown>) {
  return Object.freeze({ get, has, entries, isEmpty });
}
