import { jobError } from "../errors/millrace-error.ts";
import type { Graph, Node } from "../graph/node.ts";
import { at } from "./place.ts";
import { isStateful } from "./producers.ts";

/** Every source, sink and stateful operator has a uid, well-formed and its own. */
export function validateUids({ nodes }: Graph): void {
  const owners = new Map<string, Node>();
  for (const node of nodes) {
    const { uid } = node;
    if (uid === undefined) {
      if (needsUid(node)) throw missing(node);
      continue;
    }
    if (typeof uid !== "string" || !/^[A-Za-z0-9._-]{1,128}$/.test(uid)) throw invalid(node);
    const owner = owners.get(uid);
    if (owner !== undefined) throw duplicate(owner, node);
    owners.set(uid, node);
  }
}

function needsUid(node: Node): boolean {
  return node.kind === "source" || node.kind === "sink" || isStateful(node);
}

function missing(node: Node): Error {
  return jobError("uid-missing", {
    message: `The ${node.kind}${at(node)} has no uid.`,
    next: "Give it one that stays the same for the job's life: its state and position are found under it.",
  });
}

function invalid(node: Node): Error {
  return jobError("uid-invalid", {
    message: `The ${node.kind}${at(node)} has the uid ${JSON.stringify(node.uid)}.`,
    next: "Give 1 to 128 characters of A-Z a-z 0-9 . _ -",
  });
}

function duplicate(owner: Node, node: Node): Error {
  return jobError("uid-duplicate", {
    ...(node.uid !== undefined && { uid: node.uid }),
    message: `The uid "${node.uid}" is given twice: to the ${owner.kind}${at(owner)} and to the ${node.kind}${at(node)}.`,
    next: "Give one of them another uid; if the job has run before, keep the uid of the one that ran.",
  });
}
