import type { SourceNode } from "../../graph/node.ts";
import { isPlainAccess } from "../../graph/plain-access.ts";
import type { OperatorSpec } from "../spec.ts";

export const source: OperatorSpec<SourceNode> = {
  inputs: "none",
  functions: ({ source: connector, watermarks, partitionedBy }) => ({
    schema: connector.schema["~standard"].validate,
    timestamp: watermarks.timestamp,
    partitionedBy,
  }),
  changelog: { gives: () => undefined, needsBefore: () => false },
  create: (node, { output }) => (isFresh(node) ? output.forward : output.emit),
};

/**
 * What is not checked is what was parsed; of what a schema gives it may keep a part, a default for example, and so may a function that
 * reads its time.
 */
export function isFresh({ source: connector, watermarks }: SourceNode): boolean {
  const { timestamp } = watermarks;
  const isKept = timestamp !== undefined && !isPlainAccess(timestamp);
  return connector.schema["~standard"].vendor === "millrace" && !isKept;
}
