import { jobError } from "../../errors/millrace-error.ts";
import type { BroadcastProcessNode } from "../../graph/node.ts";
import { named, withUid } from "../../plan/place.ts";
import { broadcastOperator } from "../broadcast-operator.ts";
import { keyedInputs } from "../keyed.ts";
import type { OperatorSpec, OperatorState } from "../spec.ts";
import { versioned } from "../versioned.ts";
import { processCommon } from "./process.ts";

export const broadcastProcess: OperatorSpec<BroadcastProcessNode> = {
  ...processCommon,
  inputs: "one and broadcast",
  functions: ({ definition: { onElement, onBroadcastElement, onTimer } }) => ({
    onElement,
    onBroadcastElement,
    ...onTimer,
  }),
  states: (node) =>
    [...processCommon.states(node), ...broadcastStates(node)].toSorted((one, other) =>
      one.name < other.name ? -1 : 1,
    ),
  identity: (node) => ({
    ...processCommon.identity(node),
    broadcast: Object.keys(node.broadcast).toSorted(),
  }),
  check(node) {
    checkNames(node);
    checkTtl(node);
  },
  create: keyedInputs(broadcastOperator),
};

function broadcastStates({ broadcast }: BroadcastProcessNode): readonly OperatorState[] {
  return Object.entries(broadcast).map(([name, declaration]) => ({
    name,
    kind: "broadcast",
    ...versioned(declaration),
  }));
}

/** A state is found by its name, whichever kind it is of. */
function checkNames(node: BroadcastProcessNode): void {
  const names = processCommon.states(node).map(({ name }) => name);
  const repeated = Object.keys(node.broadcast).find((name) => names.includes(name));
  if (repeated === undefined) return;
  throw jobError("state-name-repeated", {
    ...withUid(node),
    message: `The ${named(node)} keeps a state "${repeated}" of each key, and is broadcast one of that name.`,
    next: "Give one of them another name.",
  });
}

function checkTtl(node: BroadcastProcessNode): void {
  const expiring = Object.entries(node.broadcast).find(([, { ttl }]) => ttl !== undefined);
  if (expiring === undefined) return;
  throw jobError("state-ttl-invalid", {
    ...withUid(node),
    message: `The ${named(node)} is broadcast a state "${expiring[0]}" with a ttl: slots would forget its entries at times of their own.`,
    next: "Leave the ttl out, and delete entries by elements of the broadcast stream.",
  });
}
