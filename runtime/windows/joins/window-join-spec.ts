import type { WindowJoinNode } from "../../graph/window-join.ts";
import { keyedInputs } from "../../operators/keyed.ts";
import { newAlone, type OperatorSpec } from "../../operators/spec.ts";
import { windowChangelog } from "../window-changelog.ts";
import { window } from "../window-spec.ts";
import { joinedWindow } from "./joined-window.ts";
import { windowJoinOperator } from "./window-join-operator.ts";

export const windowJoin: OperatorSpec<WindowJoinNode> = {
  inputs: "two",
  functions: (node) => {
    const { process: _, ...functions } = window.functions?.(joinedWindow(node)) ?? {};
    const { compute } = node;
    return { ...functions, "": compute.kind === "join" ? compute.join : compute.coGroup };
  },
  takesGenerators: ({ compute }) => compute.kind === "coGroup",
  states: (node) => window.states?.(joinedWindow(node)) ?? [],
  identity: (node) => ({
    ...window.identity?.(joinedWindow(node)),
    joins: node.compute.kind === "join" ? node.compute.type : node.compute.kind,
  }),
  sideOutputs: {
    has: ({ leftLateTag, rightLateTag }, tag) => leftLateTag === tag || rightLateTag === tag,
    next: "Give it leftLateOutput or rightLateOutput with that tag; it has no other side output.",
    passInput: true,
  },
  changelog: {
    ...newAlone(
      "What is joined in windows is not taken back. Put what changes its results behind the join, or count changes as events with toChangelogStream()",
    ),
    gives: (cause) => {
      const changes = windowChangelog.gives(joinedWindow(cause), undefined);
      return changes && { ...changes, cause };
    },
    // A later result of a window may have fewer rows: a pair takes the place of an element that stood alone.
    givesBefore: () => true,
  },
  check: (node, graph) => window.check?.(joinedWindow(node), graph),
  create: keyedInputs(windowJoinOperator),
};
