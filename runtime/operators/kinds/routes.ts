import type { KeyByNode, UnionNode } from "../../graph/node.ts";
import { type OperatorSpec, passesChanges } from "../spec.ts";

export const keyBy: OperatorSpec<KeyByNode> = {
  inputs: "one",
  functions: ({ select }) => ({ "": select }),
  changelog: passesChanges,
};

export const union: OperatorSpec<UnionNode> = { inputs: "some", changelog: passesChanges };
