import { packColumns, packOursPlain, unpackValue } from "./msgpack.ts";

/**
 * Steps from one format of a kind to the next (docs/formats.md). A step is about messages as they were when it was written: it never
 * changes again, and asks nothing of what they have become since.
 */
type Message = Readonly<Record<string, unknown>>;
type List = readonly Message[];

export const asItWas = (message: unknown): unknown => message;

/** Values within a commit are plain from format 3 on, so that parts can take them over as they are. */
export function commitTo3(message: unknown): unknown {
  const { deltas, ...commit } = message as Message;
  return { ...commit, deltas: segmentTo3(deltas) };
}

export function segmentTo3(deltas: unknown): unknown {
  return (deltas as List).map(({ committed, ...delta }) => ({
    ...delta,
    committed: (committed as readonly unknown[]).map((value) =>
      value instanceof Uint8Array ? packOursPlain(unpackValue(value)) : value,
    ),
  }));
}

export function partTo3(message: unknown): unknown {
  const { pending, recorded, ...part } = message as Message;
  return {
    ...part,
    ...(pending !== undefined && { pending: inFlightTo3(pending) }),
    ...(recorded !== undefined && { recorded: inFlightTo3(recorded) }),
  };
}

export function inFlightTo3(blocks: unknown): unknown {
  return (blocks as List).map(({ elements, ...block }) => ({
    ...block,
    elements: packColumns(unpackValue(elements as Uint8Array) as unknown[][], { isPlain: true }),
  }));
}
