import type { KeyByNode, UnionNode } from "../../graph/node.ts";
import { type OperatorSpec, passesChanges } from "../spec.ts";

export const keyBy: OperatorSpec<KeyByNode> = {
  inputs: "one",
  functions: ({ select }) => ({ "": select }),
  changelog: {
    ...passesChanges,
    // The changes of one result would overtake each other in two slots.
    refuses: ({ spread }) =>
      spread === undefined
        ? undefined
        : "Spread elements in front of what replaces its results, or key them by what tells a result",
  },
};

export const union: OperatorSpec<UnionNode> = { inputs: "some", changelog: passesChanges };
