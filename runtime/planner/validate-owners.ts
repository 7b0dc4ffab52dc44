import { exchangeSlots } from "../plan/plan.ts";
import { jobError } from "../errors/millrace-error.ts";
import { streamNameOf } from "../graph/connectors.ts";
import type { Graph, Node, SinkNode, SourceNode } from "../graph/node.ts";
import { named, withUid } from "../plan/place.ts";

/** What a job's slots are named after, read and write has one owner each: a slot, a stream and a row. */
export function validateOwners({ nodes }: Graph): void {
  const sources = nodes.filter((node): node is SourceNode => node.kind === "source");
  for (const source of sources) validateSlotName(source);
  const reader = firstPair(sources, ({ uid, source }) => streamNameOf(uid, source));
  if (reader !== undefined) throw readTwice(...reader);
  const rowSinks = nodes.filter(
    (node): node is SinkNode => node.kind === "sink" && node.sink.keyFields !== undefined,
  );
  const writer = firstPair(rowSinks, ({ sink }) => sink.target);
  if (writer !== undefined) throw writtenTwice(...writer);
}

function validateSlotName(source: SourceNode): void {
  const { uid, previousUids = [] } = source;
  if (![uid, ...previousUids].includes(exchangeSlots)) return;
  throw jobError("uid-reserved", {
    uid,
    message: `The ${named(source)} has ${uid === exchangeSlots ? "the uid" : "the previous uid"} "${exchangeSlots}": its slots would be taken for those of the job's exchange.`,
    next: "Give the source another uid.",
  });
}

/** The first two that share a name. */
function firstPair<N extends Node>(
  nodes: readonly N[],
  nameOf: (node: N) => string,
): readonly [N, N] | undefined {
  const owners = new Map<string, N>();
  for (const node of nodes) {
    const owner = owners.get(nameOf(node));
    if (owner !== undefined) return [owner, node];
    owners.set(nameOf(node), node);
  }
  return undefined;
}

/** Records of a shard are handed to one slot: the other source would get nothing, and hold all watermarks back. */
function readTwice(one: SourceNode, other: SourceNode): Error {
  return jobError("stream-read-twice", {
    uid: other.uid,
    message: `The ${named(one)} and the ${named(other)} read the same stream, "${streamNameOf(one.uid, one.source)}".`,
    next: "Read it with one source, and branch behind it with filter or map.",
  });
}

/** protocol 3.8: rows are ordered by the versions of the slot that writes them, and those of two slots can't be compared. */
function writtenTwice(one: SinkNode, other: SinkNode): Error {
  return jobError("table-written-twice", {
    ...withUid(other),
    message: `The ${named(one)} and the ${named(other)} write the same table, "${one.sink.target}": which result of a row is the newer one couldn't be told.`,
    next: "Unite the two streams, and write the table with one sink.",
  });
}
