export type { MatchOf, PartialMatchOf, Pattern, Patterns, Some } from "./pattern.ts";
export type { ConditionContext } from "./stage.ts";
export {
  type DroppedMatches,
  type DynamicMatch,
  dynamicPatterns,
  type DynamicPatternsOptions,
  patternRules,
} from "./dynamic-patterns.ts";
export type {
  Comparison,
  ConditionData,
  PatternData,
  PatternRule,
  Scalar,
  StageData,
} from "./pattern-data.ts";
export { patternsOf } from "./patterns-of.ts";
export {
  noSkip,
  skipPastLastEvent,
  skipToFirst,
  skipToLast,
  skipToNext,
} from "./skip-strategies.ts";
