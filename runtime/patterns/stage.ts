/** How a stage follows the one before it: Flink's words. */
export type Contiguity = "next" | "followedBy" | "followedByAny" | "notNext" | "notFollowedBy";

/** What a condition knows besides its element. */
export interface ConditionContext<P> {
  /** The elements that the match has taken so far, by stage; the element in hand is not among them. */
  readonly matched: P;
  /** Time of the element. */
  readonly timestampMs: number;
  /** The processing time of this batch. */
  readonly nowMs: number;
}

export type Condition = (element: unknown, context: ConditionContext<unknown>) => boolean;

/** A stage as it was defined, frozen. */
export interface Stage {
  /** Absent of a group. */
  readonly name?: string;
  /** The stages of a group. */
  readonly group?: readonly Stage[];
  readonly contiguity: Contiguity;
  /** Absent: any element. */
  readonly condition?: Condition;
  readonly until?: Condition;
  /** One element, between `from` and `to` of them, or `from` and any number more. */
  readonly quantifier: "one" | "times" | "looping";
  readonly from: number;
  readonly to: number;
  readonly optional: boolean;
  readonly greedy: boolean;
  /** How the elements of a loop follow each other. */
  readonly inner: "relaxed" | "consecutive" | "combinations";
  /** From the first element of a match to its last. */
  readonly withinMs?: number;
  /** From the element before to this one. */
  readonly withinPreviousMs?: number;
  /** From one element of the loop to the next. */
  readonly loopWithinMs?: number;
}

export const isNegative = ({ contiguity }: Stage): boolean =>
  contiguity === "notNext" || contiguity === "notFollowedBy";

/** How messages name a stage. */
export const stageText = ({ name }: Stage): string =>
  name === undefined ? "A group" : `Stage "${name}"`;

/** Every stage that has a name, those of groups as well. */
export function namedStages(stages: readonly Stage[]): readonly Stage[] {
  return stages.flatMap((stage) =>
    stage.group === undefined ? [stage] : namedStages(stage.group),
  );
}
