export type { MatchOf, PartialMatchOf, Pattern, Patterns, Some } from "./pattern.ts";
export type { ConditionContext } from "./stage.ts";
export { patternsOf } from "./patterns-of.ts";
export {
  noSkip,
  skipPastLastEvent,
  skipToFirst,
  skipToLast,
  skipToNext,
} from "./skip-strategies.ts";
