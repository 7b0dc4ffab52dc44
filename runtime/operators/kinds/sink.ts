import type { SinkNode } from "../../graph/node.ts";
import type { OperatorSpec } from "../spec.ts";

export const sink: OperatorSpec<SinkNode> = {
  inputs: "one",
  changelog: { gives: () => undefined, needsBefore: (_, { isKeyedSink }) => isKeyedSink },
  create: (node, { sink: push }) => push(node),
};
