import type { Node } from "../graph/node.ts";

/** Where a node was defined, for messages: " at jobs/flights.ts:12:6", or nothing where that isn't known. */
export function at({ definedAt }: Node): string {
  return definedAt === undefined ? "" : ` at ${definedAt}`;
}

/** The uid of a node, where it has one, for an error about it. */
export function withUid({ uid }: Pick<Node, "uid">): { readonly uid?: string } {
  return uid === undefined ? {} : { uid };
}

/** How a message names a node: `window "hourly" at jobs/flights.ts:12:6`. */
export function named(node: Node): string {
  return `${node.kind}${node.uid === undefined ? "" : ` "${node.uid}"`}${at(node)}`;
}
