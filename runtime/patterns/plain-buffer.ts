import { type KeptRuns, notBegun, type Run } from "./run.ts";
import type { KeptEvent, KeptNode, SharedBuffer, Taken } from "./shared-buffer.ts";

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
export function plainBuffer({ events, nodes }: KeptPattern): SharedBuffer {
  function hold(node: number): void {
    if (node !== notBegun) (nodes.get(node) as KeptNode).refs += 1;
  }
  return {
    hold,
    put(node, { stage, event, value }, previous) {
      const kept = events.get(event);
      if (kept === undefined) events.set(event, { value, refs: 1 });
      else kept.refs += 1;
      nodes.set(node, { stage, event, previous, refs: 0 });
      hold(previous);
    },
    release(from) {
      for (let node = from; node !== notBegun;) {
        const kept = nodes.get(node) as KeptNode;
        if (--kept.refs > 0) return;
        nodes.delete(node);
        const event = events.get(kept.event) as KeptEvent;
        if (--event.refs <= 0) events.delete(kept.event);
        node = kept.previous;
      }
    },
    elementsOf(last) {
      const taken: Taken[] = [];
      for (let node = last; node !== notBegun;) {
        const { stage, event, previous } = nodes.get(node) as KeptNode;
        taken.push({ stage, event, value: (events.get(event) as KeptEvent).value });
        node = previous;
      }
      return taken.reverse();
    },
    clear() {
      events.clear();
      nodes.clear();
    },
  };
}
