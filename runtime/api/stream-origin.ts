import type { Edge } from "../graph/node.ts";
import type { GraphBuilder } from "./graph-builder.ts";

/** What a stream stands for. */
export interface StreamOrigin {
  readonly builder: GraphBuilder;
  readonly edge: Edge;
}

const origins = new WeakMap<object, StreamOrigin>();

/** Freezes a stream. What it stands for is kept aside, so that its type shows nothing but its methods. */
export function streamFrom<S extends object>(origin: StreamOrigin, stream: S): S {
  origins.set(stream, origin);
  return Object.freeze(stream);
}

/** Undefined for what is not a stream. Whoever adds an operator of another kind adds its node here. */
export const originOf = (stream: object): StreamOrigin | undefined => origins.get(stream);
