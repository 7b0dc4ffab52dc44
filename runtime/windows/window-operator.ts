import type { WindowNode } from "../graph/node.ts";
import { timeOfWindows } from "../graph/window-assigner.ts";
import { windowName, windowNameOfStart } from "../graph/window-name.ts";
import { type KeyedOperator, type OperatorParts, passOnOfWindow } from "../operators/contract.ts";
import { stateHandles } from "../operators/process-state.ts";
import { sessionsName, windowsName } from "../plan/state-names.ts";
import { copyInPassing } from "../serde/copy-value.ts";
import type { MapCell } from "../state/keyed-state.ts";
import { type AssignedWindow, assignerOf } from "./assigners/assigner.ts";
import { requireMerge } from "./contents/aggregate-contents.ts";
import { operatorName, windowContents } from "./contents/window-contents.ts";
import type { KeptWindow } from "./kept-window.ts";
import { latenessOf } from "./lateness.ts";
import { hullOf, mergingWindows } from "./merging-windows.ts";
import type { MetWindow } from "./open-sessions.ts";
import { triggerOf } from "./triggers/trigger.ts";
import { triggeredLife } from "./triggered-life.ts";
import { type Added, windowIntake } from "./window-intake.ts";
import { plainTrigger, triggerOfFunctions } from "./window-kind.ts";
import { windowLife, type WindowLife } from "./window-life.ts";

const none: readonly MetWindow[] = [];

/**
 * Windows with the semantics of Flink's WindowOperator: the assigner says which windows an element belongs to, the
 * trigger when they give their results, and contents are what they keep. None of the three knows another.
 * State: an entry per window, under the name of what it began as, and one for each timer that functions of a trigger have set.
 */
export function windowOperator(node: WindowNode, parts: OperatorParts): KeyedOperator {
  const { runtime } = parts;
  const { state } = runtime;
  const assigner = assignerOf(operatorName(node), node.assigner);
  const time = timeOfWindows(node.assigner);
  if (assigner.merge) requireMerge(operatorName(node), node.compute);
  const lateness = latenessOf(node, parts);
  const contents = windowContents(node, parts);
  const life = lifeOf(node, {
    ...parts,
    contents,
    lateness,
    globalState: node.globalState && stateHandles(operatorName(node), runtime, node.globalState),
    find: (name) => state.findMapEntry(runtime.current, cell, name),
    make: (name) => state.mapEntry(runtime.current, cell, name),
    near: (window) => (merging?.meeting(window) ?? none).map(({ entry }) => entry),
    merge: assigner.merge,
  });
  const cell: MapCell<string, KeptWindow> = state.declareMap<string, KeptWindow>(
    { uid: operatorName(node), name: assigner.merge ? sessionsName : windowsName },
    {
      ...(life.onLoad && { onLoad: life.onLoad }),
      // Before they had names they were kept under their start.
      keyNow: (key) =>
        typeof key === "number" ? windowNameOfStart(key, node.assigner) : (key as string),
    },
  );
  const merging = assigner.merge ? mergingWindows({ runtime, cell, contents, life }) : undefined;

  const take = windowIntake({
    contents,
    life,
    merge: assigner.merge,
    counts: parts.takes !== "append",
  });

  /** Puts an element into one of its windows; answers false where it is late for it. */
  function put(own: AssignedWindow, added: Added): boolean {
    const met = merging?.meeting(own) ?? none;
    const window = met.length === 0 ? own : hullOf(own, met);
    if (lateness.isLate(window.endMs)) return false;
    try {
      const entry =
        merging?.join(met, window, added) ??
        state.mapEntry(runtime.current, cell, own.name ?? windowName(own));
      take(entry, window, assigner.overlap ? copyOf(added) : added);
      merging?.became(entry, window);
    } catch (thrown) {
      passOnOfWindow(thrown, window);
    }
    return true;
  }

  return {
    push(value, timestampMs, change, before) {
      const added = { value, timestampMs, change, before };
      let isTaken = false;
      const timeMs = time === "processing" ? runtime.nowMs : timestampMs;
      for (const window of assigner.windowsAt(timeMs, value, runtime.current.key)) {
        // Earlier windows end earlier: where one is late, all that are left are.
        if (!put(window, added)) break;
        isTaken = true;
      }
      if (!isTaken) lateness.skipped(value, timestampMs, change, before);
    },
    onTimer: life.onTimer,
    passOver: life.passOver,
  };
}

type AnyLifeParts = Omit<Parameters<typeof triggeredLife>[0], "node" | "operator" | "trigger">;

function lifeOf(node: WindowNode, parts: AnyLifeParts): WindowLife {
  const plain = plainTrigger(node);
  if (plain !== undefined)
    return windowLife({ ...parts, trigger: triggerOf(plain, parts.runtime) });
  return triggeredLife({
    ...parts,
    node,
    operator: operatorName(node),
    trigger: triggerOfFunctions(node),
  });
}

/** Windows that share an element must not share its parts: they may become part of what each keeps. */
function copyOf({ value, timestampMs, change, before }: Added): Added {
  return { value: copyInPassing(value), timestampMs, change, before: copyInPassing(before) };
}
