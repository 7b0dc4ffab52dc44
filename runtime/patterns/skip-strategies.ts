import type { AfterMatch } from "../graph/pattern.ts";
import type { Taken } from "./shared-buffer.ts";

/**
 * Up to which first element other matches are dropped once one was found; exclusive. Flink's strategies: "to next" drops those that began with
 * the same element, "past last event" those that began within the match, "to first" and "to last" those that began before an element of a stage.
 */
export function droppedBefore(
  strategy: AfterMatch<string>,
  match: readonly Taken[],
): number | undefined {
  switch (strategy.kind) {
    case "noSkip":
      return undefined;
    case "skipToNext":
      return Math.min(...match.map(({ event }) => event)) + 1;
    case "skipPastLastEvent":
      return Math.max(...match.map(({ event }) => event)) + 1;
    default:
      return elementOf(strategy, match);
  }
}

type SkipTo = Extract<AfterMatch<string>, { readonly stage: string }>;

function elementOf({ kind, stage, throwOnMiss }: SkipTo, match: readonly Taken[]) {
  const events = match.filter((taken) => taken.stage === stage).map(({ event }) => event);
  const found = kind === "skipToFirst" ? events[0] : events.at(-1);
  if (throwOnMiss && found === undefined)
    throw new Error(`Can't skip to stage "${stage}": the match has no element of it.`);
  if (throwOnMiss && found === match[0]?.event)
    throw new Error(`Can't skip to stage "${stage}": its element is the first of the match.`);
  return found;
}

/** Goes on with all matches, whatever elements they have in common with one that was found. The default. */
export const noSkip = (): AfterMatch<never> => Object.freeze({ kind: "noSkip" });
/** Drops the matches that began with the same element. */
export const skipToNext = (): AfterMatch<never> => Object.freeze({ kind: "skipToNext" });
/** Drops the matches that began within the one that was found. */
export const skipPastLastEvent = (): AfterMatch<never> =>
  Object.freeze({ kind: "skipPastLastEvent" });

interface SkipToOptions {
  /** Fails where the match has no element of the stage, or begins with it. Default: it doesn't, and nothing is dropped. */
  readonly throwOnMiss?: boolean;
}

/** Drops the matches that began before the first element of a stage. */
export const skipToFirst = <Name extends string>(
  stage: Name,
  { throwOnMiss = false }: SkipToOptions = {},
): AfterMatch<Name> => Object.freeze({ kind: "skipToFirst", stage, throwOnMiss });
/** Drops the matches that began before the last element of a stage. */
export const skipToLast = <Name extends string>(
  stage: Name,
  { throwOnMiss = false }: SkipToOptions = {},
): AfterMatch<Name> => Object.freeze({ kind: "skipToLast", stage, throwOnMiss });
