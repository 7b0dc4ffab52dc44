import { jobError } from "../errors/millrace-error.ts";
import { isInherited } from "../graph/inherited-names.ts";
import type { Graph, Node } from "../graph/node.ts";
import { at } from "../plan/place.ts";
import { isStateful } from "../operators/registry.ts";

/**
 * Every source, sink and stateful operator has a uid, well-formed and its own. So are the uids that it had before: state that
 * is found under one must not belong to two operators.
 */
export function validateUids({ nodes }: Graph): void {
  const owners = new Map<string, Owner>();
  for (const node of nodes) {
    const { uid, previousUids = [] } = node;
    if (uid === undefined) {
      if (needsUid(node)) throw missing(node);
      continue;
    }
    if (!Array.isArray(previousUids)) throw invalid(node, previousUids);
    for (const [place, taken] of [uid, ...previousUids].entries()) {
      if (!isUid(taken)) throw invalid(node, taken);
      const own: Owner = { node, isPrevious: place > 0 };
      const owner = owners.get(taken);
      if (owner !== undefined) throw duplicate(taken, owner, own);
      owners.set(taken, own);
    }
  }
}

interface Owner {
  readonly node: Node;
  /** It had the uid in an earlier version of the job. */
  readonly isPrevious: boolean;
}

function isUid(uid: unknown): uid is string {
  return typeof uid === "string" && /^[A-Za-z0-9._-]{1,128}$/.test(uid) && !isInherited(uid);
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

function invalid(node: Node, uid: unknown): Error {
  const isPrevious = uid !== node.uid;
  return jobError("uid-invalid", {
    message: `The ${node.kind}${at(node)} has the ${isPrevious ? "previous " : ""}uid ${JSON.stringify(uid)}.`,
    next: `Give ${isPrevious ? "a list of uids of " : ""}1 to 128 characters of A-Z a-z 0-9 . _ -, and none that every object of JavaScript has, as "constructor".`,
  });
}

function duplicate(uid: string, owner: Owner, other: Owner): Error {
  return jobError("uid-duplicate", {
    uid,
    message: `The uid "${uid}" is given twice: to the ${ownerText(owner)} and to the ${ownerText(other)}.`,
    next:
      owner.isPrevious || other.isPrevious
        ? "A previous uid belongs to one operator, and is no other's uid: its state can go to one place only."
        : "Give one of them another uid; if the job has run before, keep the uid of the one that ran.",
  });
}

function ownerText({ node, isPrevious }: Owner): string {
  return isPrevious
    ? `${node.kind} "${node.uid}"${at(node)} as a previous uid`
    : `${node.kind}${at(node)}`;
}
