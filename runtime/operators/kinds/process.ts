import type { BroadcastProcessNode, CoProcessNode, ProcessNode } from "../../graph/node.ts";
import { declaredKinds, declaredStates } from "../declared-states.ts";
import { timersName } from "../../plan/state-names.ts";
import { keyed, keyedInputs } from "../keyed.ts";
import { coProcessOperator, processOperator } from "../process-operator.ts";
import type { OperatorSpec } from "../spec.ts";

type AnyProcess = ProcessNode | CoProcessNode | BroadcastProcessNode;

/** What these kinds have in common: state, timers and side outputs are declared alike. */
export const processCommon = {
  states: ({ definition }) => {
    const states = declaredStates(definition.state);
    const timers = timersOf(definition);
    return [...states, { name: timersName, kind: "timers" as const, version: 1, timers }].toSorted(
      (one, other) => (one.name < other.name ? -1 : 1),
    );
  },
  resources: ({ definition }) => definition.resources ?? [],
  metrics: ({ definition }) => definition.metrics ?? {},
  identity: ({ definition }) => ({
    state: declaredKinds(definition.state),
    timers: timersOf(definition),
  }),
  // Which tags a process function emits to can't be known, unless it says it.
  sideOutputs: {
    has: ({ definition: { outputs } }, tag) =>
      outputs === undefined || outputs.some((output) => output.tag === tag),
    next: "Name the tag in the outputs of its definition.",
  },
  changelog: {
    refuses: ({ definition }) =>
      (definition.accepts ?? "append") === "append"
        ? 'Say accepts: "upsert" in its definition if it puts each result in the place of the one before, or "retract" if it needs ctx.before'
        : undefined,
    gives: (cause) =>
      cause.definition.gives === "upsert"
        ? {
            cause,
            why: "replaces and withdraws results without telling what they were",
            isTimeStable: false,
            hasNoBefore: true,
          }
        : undefined,
    needsBefore: ({ definition }) => definition.accepts === "retract",
  },
} satisfies Partial<OperatorSpec<AnyProcess>>;

export const process: OperatorSpec<ProcessNode> = {
  ...processCommon,
  inputs: "one",
  functions: ({ definition: { onElement, onTimer } }) => ({ onElement, ...onTimer }),
  create: keyed(processOperator),
};

export const coProcess: OperatorSpec<CoProcessNode> = {
  ...processCommon,
  inputs: "two",
  functions: ({ definition: { onElement1, onElement2, onTimer } }) => ({
    onElement1,
    onElement2,
    ...onTimer,
  }),
  create: keyedInputs(coProcessOperator),
};

function timersOf({ onTimer }: Pick<AnyProcess["definition"], "onTimer">): readonly string[] {
  return Object.keys(onTimer ?? {}).toSorted();
}
