import type { KeptRuns, Run } from "./run.ts";
import { bufferIn, type KeptEvent, type KeptNode, type SharedBuffer } from "./shared-buffer.ts";

/** All that is kept of a key's matches of one pattern, as one value. */
export interface KeptPattern extends KeptRuns {
  readonly events: Map<number, KeptEvent>;
  readonly nodes: Map<number, KeptNode>;
}

/** Nothing yet of a pattern. */
export function keptPattern(signature: number, first: Run): KeptPattern {
  return {
    pattern: signature,
    open: [first],
    done: [],
    nextEvent: 0,
    nextNode: 0,
    events: new Map(),
    nodes: new Map(),
  };
}

/** A shared buffer that is part of a value, and is kept with it. */
export function plainBuffer(uid: string, { events, nodes }: KeptPattern): SharedBuffer {
  return bufferIn(uid, events, nodes);
}
