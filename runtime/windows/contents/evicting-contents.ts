import type { WindowComputation } from "../../graph/node.ts";
import { synchronous } from "../../graph/synchronous.ts";
import type { EvictorContext, Timestamped, WindowEvictor } from "../../graph/window-evictor.ts";
import { failIn, type KeyedRuntime } from "../../operators/contract.ts";
import { copyInPassing } from "../../serde/copy-value.ts";
import { computeAll } from "./compute-all.ts";
import { elementPieces, type Piece } from "./element-pieces.ts";
import type { WindowContents } from "./window-contents.ts";

interface EvictingParts {
  readonly operator: string;
  readonly compute: WindowComputation;
  readonly evictor: WindowEvictor;
  readonly runtime: KeyedRuntime;
}

/** Windows that keep their elements with their times, and compute over those that the evictor leaves (Flink: EvictingWindowOperator). */
export function evictingContents({
  operator,
  compute,
  evictor,
  runtime,
}: EvictingParts): WindowContents {
  const kept = elementPieces(operator, runtime);
  const computed = computeAll(compute);

  /** Those of some elements that stay; the others are gone. */
  function leave(
    when: "before" | "after",
    pieces: Piece[],
    elements: readonly Timestamped<unknown>[],
    ctx: EvictorContext,
  ): readonly Timestamped<unknown>[] {
    const stays = evictor[when];
    if (stays === undefined) return elements;
    const what = `${when} of evictor "${evictor.name}"`;
    // It may take elements out of its list: which are which is known by this one.
    const stay = staying(what, elements, synchronous<unknown>(stays([...elements], ctx), what));
    kept.evict(pieces, elements, stay);
    return elements.filter((element) => stay.has(element));
  }

  return {
    evicts: true,
    first(name, value, timestampMs) {
      kept.put(name, 0, [value, timestampMs]);
      return [[name, 0, 1]];
    },
    add(accumulator, value, timestampMs) {
      const pieces = accumulator as Piece[];
      const last = pieces.at(-1) as Piece;
      const [name, , end] = last;
      kept.put(name, end, [value, timestampMs]);
      last[2] = end + 1;
      return pieces;
    },
    merge: (left, right) => [...(left as Piece[]), ...(right as Piece[])],
    retract: () => {
      throw new Error(`Window "${operator}" was planned to take changes, but an evictor can't.`);
    },
    results(accumulator, context, livesOn) {
      const pieces = accumulator as Piece[];
      const { window, watermarkMs } = context;
      const ctx = { window, watermarkMs, nowMs: runtime.nowMs };
      try {
        const seen = leave("before", pieces, kept.read(pieces), ctx);
        const values = seen.map(({ value }) => (livesOn ? copyInPassing(value) : value));
        const results = computed(values, context);
        leave("after", pieces, seen, ctx);
        return results;
      } catch (thrown) {
        return failIn(operator, thrown);
      }
    },
    clear: (accumulator) => kept.clear(accumulator as Piece[]),
  };
}

/** Those that stay. What is answered and was not given would let all elements go. */
function staying(
  what: string,
  elements: readonly Timestamped<unknown>[],
  answered: unknown,
): ReadonlySet<Timestamped<unknown>> {
  const given = new Set(elements);
  if (Array.isArray(answered) && answered.every((one) => given.has(one))) return new Set(answered);
  throw new TypeError(
    `${what} must answer those of the elements that stay, in a list: themselves, not copies.`,
  );
}
