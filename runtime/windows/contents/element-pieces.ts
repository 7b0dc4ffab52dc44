import type { Timestamped } from "../../graph/window-evictor.ts";
import type { KeyedRuntime } from "../../operators/contract.ts";
import { elementsName } from "../../plan/state-names.ts";

/** A piece of a list that nothing is missing of: the name of the window that began the list, the first place, and the one behind the last. */
export type Piece = [name: string, from: number, end: number];

/** An element as it is kept: with its time. */
type Kept = readonly [value: unknown, timestampMs: number];

/** Elements of the key in hand, one entry each, in lists of which any may be taken out: that cuts a list into pieces, and moves no element. */
export function elementPieces(operator: string, runtime: KeyedRuntime) {
  const { state } = runtime;
  const cell = state.declareMap<string, Kept>({ uid: operator, name: elementsName });

  function find(name: string, at: number) {
    return state.findMapEntry(runtime.current, cell, `${name}/${at}`);
  }

  function* placesOf(pieces: readonly Piece[]): Generator<readonly [name: string, at: number]> {
    for (const [name, from, end] of pieces) for (let at = from; at < end; at++) yield [name, at];
  }

  return {
    put(name: string, at: number, kept: Kept): void {
      state.mapEntry(runtime.current, cell, `${name}/${at}`).value = kept;
    },
    read: (pieces: readonly Piece[]): Timestamped<unknown>[] =>
      Array.from(placesOf(pieces), ([name, at]) => {
        const [value, timestampMs] = find(name, at)?.value ?? [undefined, 0];
        return { value, timestampMs };
      }),
    /** Removes what doesn't stay. The last piece stays, even empty: the next element comes behind it. */
    evict(
      pieces: Piece[],
      elements: readonly Timestamped<unknown>[],
      stay: ReadonlySet<Timestamped<unknown>>,
    ): void {
      const left: Piece[] = [];
      const [lastName, , lastEnd] = pieces.at(-1) as Piece;
      for (const [index, [name, at]] of [...placesOf(pieces)].entries()) {
        if (!stay.has(elements[index] as Timestamped<unknown>)) {
          find(name, at)?.remove();
          continue;
        }
        const last = left.at(-1);
        if (last !== undefined && last[0] === name && last[2] === at) last[2] = at + 1;
        else left.push([name, at, at + 1]);
      }
      if (left.at(-1)?.[2] !== lastEnd || left.at(-1)?.[0] !== lastName)
        left.push([lastName, lastEnd, lastEnd]);
      pieces.splice(0, pieces.length, ...left);
    },
    clear(pieces: readonly Piece[]): void {
      for (const [name, at] of placesOf(pieces)) find(name, at)?.remove();
    },
  };
}
