import { jobError } from "../../errors/millrace-error.ts";
import type { SinkNode } from "../../graph/node.ts";
import type { OperatorSpec } from "../spec.ts";

export const sink: OperatorSpec<SinkNode> = {
  inputs: "one",
  onlyReads: ({ sink: { copies } }) => copies === true,
  changelog: { gives: () => undefined, needsBefore: (_, { isKeyedSink }) => isKeyedSink },
  check: ({ uid = "", sink: { guarantee } }, { options }) => {
    const isSeen = Number.isFinite(options.checkpoints.intervalMs);
    if (guarantee !== "exactly-once, with each epoch" || isSeen) return;
    throw jobError("sink-needs-checkpoints", {
      uid,
      message: `What the sink "${uid}" writes can be seen when an epoch is complete, and the job takes no checkpoints.`,
      next: "Give the job an interval of checkpoints: nobody sees a result before the next one.",
    });
  },
  create: (node, { sink: push }) => push(node),
};
