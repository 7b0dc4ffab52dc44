import { sourceSpecOf } from "../../connectors/sources.ts";
import { jobError } from "../../errors/millrace-error.ts";
import type { SourceNode } from "../../graph/node.ts";
import { isPlainAccess } from "../../graph/plain-access.ts";
import { named } from "../../plan/place.ts";
import type { OperatorSpec } from "../spec.ts";

export const source: OperatorSpec<SourceNode> = {
  inputs: "none",
  functions: ({ source: connector, watermarks, partitionedBy }) => ({
    schema: connector.schema["~standard"].validate,
    timestamp: watermarks.timestamp,
    ...(watermarks.generator !== undefined && {
      onEvent: watermarks.generator.onEvent,
      onPeriodicEmit: watermarks.generator.onPeriodicEmit,
    }),
    partitionedBy,
  }),
  check: (node) => {
    checkWatermarks(node);
    checkPartitioning(node);
  },
  changelog: { gives: () => undefined, needsBefore: () => false },
  create: (node, { output }) => (isFresh(node) ? output.forward : output.emit),
};

/**
 * What is not checked is what was parsed; of what a schema gives it may keep a part, a default for example, and so may a function that
 * reads its time.
 */
export function isFresh({ source: connector, watermarks }: SourceNode): boolean {
  const { timestamp } = watermarks;
  const isKept =
    (timestamp !== undefined && !isPlainAccess(timestamp)) ||
    watermarks.generator?.onEvent !== undefined;
  const isParsed =
    connector.schema["~standard"].vendor === "millrace" && connector.mayShare !== true;
  return isParsed && !isKept;
}

/** Types ask for them, but not every job is checked for its types. */
function checkWatermarks(node: SourceNode): void {
  if ((node.watermarks as unknown) !== undefined) return;
  throw jobError("watermarks-invalid", {
    uid: node.uid,
    message: `The ${named(node)} has no watermarks.`,
    next: "Give it boundedOutOfOrderness, monotonousTimestamps or noWatermarks.",
  });
}

function checkPartitioning(node: SourceNode): void {
  const { uid, source: connector, partitionedBy } = node;
  if (partitionedBy === undefined || sourceSpecOf(connector).dividesHashSpace) return;
  throw jobError("partitioning-unknown", {
    uid,
    message: `The ${named(node)} declares partitionedBy, but records of a ${connector.type} source have no partition keys.`,
    next: "Leave partitionedBy out: keyBy sends elements to the slots that own their keys.",
  });
}
