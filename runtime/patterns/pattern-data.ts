import type { AfterMatch } from "../graph/pattern.ts";
import type { Contiguity } from "./stage.ts";

/** What an element's field is compared with. */
export type Scalar = string | number | boolean | null;

/** Numbers and texts have an order, by their UTF-16 units; what is of two types is never equal, above or below. */
export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=";

/**
 * A condition as data. `field` is the name of a field of the element, or names with dots between them. Nothing of it is ever run: an element that has not the field
 * does not fulfil it.
 */
export type ConditionData =
  | { readonly all: readonly ConditionData[] }
  | { readonly any: readonly ConditionData[] }
  | { readonly not: ConditionData }
  | { readonly field: string; readonly is: Comparison; readonly value: Scalar }
  | { readonly field: string; readonly in: readonly Scalar[] }
  | {
      readonly field: string;
      readonly is: Comparison;
      /** A field of the last element that the match has taken in another stage; a number so many times. */
      readonly of: { readonly stage: string; readonly field: string; readonly times?: number };
    };

/** A stage of a pattern as data. */
export interface StageData {
  /** Matches have its elements under it. */
  readonly name: string;
  /** How it follows the one before; the first has none. Default: "followedBy". */
  readonly contiguity?: Contiguity;
  /** Default: any element. */
  readonly where?: ConditionData;
  /** How many elements: 3, from 2 to 4 as [2, 4], 2 or more as [2, null]; at most 100. Default: 1. */
  readonly times?: number | readonly [number, number | null];
  /** Nothing lies between the elements of a loop, or matches are told for each choice of them. Default: others are passed over. */
  readonly loop?: "consecutive" | "combinations";
  readonly optional?: boolean;
  readonly greedy?: boolean;
}

/** A pattern as data, such as a stream can bring. */
export interface PatternData {
  /** At most 30. */
  readonly stages: readonly StageData[];
  /** Time from the first element of a match to its last, which must be less, in milliseconds, at most a hundred years of 366 days: what begins is not kept for ever. */
  readonly withinMs: number;
  /** As in {@link PatternOptions}: `{ kind: "skipPastLastEvent" }`. Default: `{ kind: "noSkip" }`. */
  readonly afterMatch?: AfterMatch<string>;
}

/** A pattern comes, takes the place of the one with its id, or, without `pattern`, goes. */
export interface PatternRule {
  readonly id: string;
  readonly pattern?: PatternData | null;
}
