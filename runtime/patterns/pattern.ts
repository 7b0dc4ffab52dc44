import type { Duration } from "../graph/duration.ts";
import type { PartialMatch, PatternOf } from "../graph/pattern.ts";
import type { ConditionContext } from "./stage.ts";

/** At least one element: what a stage that isn't optional gives. */
export type Some<V> = readonly [V, ...V[]];

/** Refuses the name of a stage that the pattern has already. */
type NewName<M, Name extends string> = Name extends keyof M
  ? { readonly "the pattern has a stage of this name": never }
  : unknown;

/** The match of a pattern with one stage more. */
type With<M, Name extends string, V> = M & { readonly [N in Name]: Some<V> };

/** The stages `Last`, which may be left out. */
type Optional<M, Last> = {
  readonly [Name in keyof M]: Name extends Last
    ? M[Name] extends readonly (infer V)[]
      ? readonly V[]
      : never
    : M[Name];
};

/** The stages `Last`, with elements of another type. */
type Of<M, Last, V> = {
  readonly [Name in keyof M]: Name extends Last
    ? M[Name] extends Some<unknown>
      ? Some<V>
      : readonly V[]
    : M[Name];
};

type ConditionOf<T, M> = (element: T, context: ConditionContext<PartialMatch<M>>) => boolean;
type Guard<T, M, V extends T> = (
  element: T,
  context: ConditionContext<PartialMatch<M>>,
) => element is V;

/**
 * Stages that elements of one key go through, as Flink's Pattern. It never changes: each method gives another pattern. `M` is what a match has, by the names of the
 * stages; `Last` are the names of the stage, or of the group's stages, that was added last: quantifiers and conditions are that one's.
 */
export interface Pattern<T, M, Last extends string> extends PatternOf<T, M> {
  /** A stage whose element is the very next one. */
  next<Name extends string>(name: Name & NewName<M, Name>): Pattern<T, With<M, Name, T>, Name>;
  next<G, L extends string>(group: Pattern<T, G, L>): Pattern<T, M & G, keyof G & string>;
  /** A stage whose element is the next one that it takes: others are passed over. */
  followedBy<Name extends string>(
    name: Name & NewName<M, Name>,
  ): Pattern<T, With<M, Name, T>, Name>;
  followedBy<G, L extends string>(group: Pattern<T, G, L>): Pattern<T, M & G, keyof G & string>;
  /** A stage whose element is any later one that it takes: a match for each of them. */
  followedByAny<Name extends string>(
    name: Name & NewName<M, Name>,
  ): Pattern<T, With<M, Name, T>, Name>;
  followedByAny<G, L extends string>(group: Pattern<T, G, L>): Pattern<T, M & G, keyof G & string>;
  /** The very next element must not be one of these. */
  notNext(name: string): Pattern<T, M, never>;
  /** No such element between the stage before and the one behind; or, at the end, until the time of `within` is over. */
  notFollowedBy(name: string): Pattern<T, M, never>;

  /**
   * Which elements the stage takes; all of several conditions must hold. A condition sees what the match has taken so far in `context.matched`. One that tells a type,
   * as `sale => sale.kind === "order"` does, gives the stage's elements that type.
   * @throws MillraceError `pattern-invalid` for a group
   */
  where<V extends T>(condition: Guard<T, M, V>): Pattern<T, Of<M, Last, V>, Last>;
  where(condition: ConditionOf<T, M>): Pattern<T, M, Last>;
  /** Elements of which either holds: what the stage has taken so far, or this. */
  or(condition: ConditionOf<T, M>): Pattern<T, Of<M, Last, T>, Last>;
  /** Ends a loop: an element of which it holds is not taken, nor anything behind it. */
  until(condition: ConditionOf<T, M>): Pattern<T, M, Last>;

  /** So many elements; or from `times` to `max` of them, where 0 makes it optional. `within`: from each to the next. */
  times(times: number, within?: Duration): Pattern<T, M, Last>;
  times(min: 0, max: number, within?: Duration): Pattern<T, Optional<M, Last>, Last>;
  times(min: number, max: number, within?: Duration): Pattern<T, M, Last>;
  oneOrMore(within?: Duration): Pattern<T, M, Last>;
  timesOrMore(times: number, within?: Duration): Pattern<T, M, Last>;
  /** The stage may be left out. */
  optional(): Pattern<T, Optional<M, Last>, Last>;
  /** A loop takes all that it can, and leaves nothing of it to the stage behind it. */
  greedy(): Pattern<T, M, Last>;
  /** Nothing lies between the elements of a loop. */
  consecutive(): Pattern<T, M, Last>;
  /** A loop may pass over elements that it could take: a match for each choice. */
  allowCombinations(): Pattern<T, M, Last>;

  /**
   * Time from the first element of a match to its last, which must be less; the shortest that is said anywhere counts. "previousAndCurrent": from the element before to that
   * of the stage.
   */
  within(time: Duration, of?: "firstAndLast" | "previousAndCurrent"): Pattern<T, M, Last>;
}

/** What a pattern's match has, by the names of its stages. */
export type MatchOf<P> = P extends PatternOf<never, infer M> ? M : never;
/** What is given to `timedOutOutput`, and to `onTimedOut`. */
export type PartialMatchOf<P> = PartialMatch<MatchOf<P>>;

/** Where patterns of elements of one type begin. */
export interface Patterns<T> {
  /** The first stage of a pattern, or a group of stages. */
  begin<Name extends string>(name: Name): Pattern<T, { readonly [N in Name]: Some<T> }, Name>;
  begin<G, L extends string>(group: Pattern<T, G, L>): Pattern<T, G, keyof G & string>;
}
