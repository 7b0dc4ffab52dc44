import { always, before, not } from "./conditions.ts";
import { type Condition, isNegative, type Stage } from "./stage.ts";

/** A stage among those around it. */
export interface Place {
  readonly stages: readonly Stage[];
  readonly at: number;
  /** The group that it stands in. */
  readonly group?: {
    readonly stage: Stage;
    /** No turn of the group's loop has been made yet. */
    readonly isFirst: boolean;
    readonly following: Stage | undefined;
  };
}

export const stageAt = ({ stages, at }: Place): Stage => stages[at] as Stage;

export const followingOf = ({ stages, at, group }: Place): Stage | undefined =>
  stages[at + 1] ?? group?.following;

const isHead = ({ at, group }: Place): boolean => group !== undefined && at === 0;

/** The first stage of a group that may be left out as a whole. */
export const isHeadOfOptional = (place: Place): boolean =>
  isHead(place) && place.group?.isFirst === true && place.group.stage.optional;

/** A condition holds only until the group around it is told to end. */
const inGroup = ({ group }: Place, condition: Condition): Condition =>
  before(group?.stage.until, condition);

/** When a state may proceed by itself. */
export const proceedOf = (place: Place): Condition => inGroup(place, always);

export function takeOf(place: Place, stage: Stage = stageAt(place)): Condition {
  return inGroup(place, stage.condition ?? always);
}

/** When an element in front of the stage is passed over; undefined: never. */
export function ignoreOf(place: Place): Condition | undefined {
  const { contiguity, condition = always } = stageAt(place);
  if (isHead(place) && place.group !== undefined) {
    if (!place.group.isFirst) return innerIgnoreOf(place);
    return ignoring(place, place.group.stage.contiguity, condition);
  }
  return ignoring(place, contiguity, condition);
}

const contiguityOf = {
  relaxed: "followedBy",
  consecutive: "next",
  combinations: "followedByAny",
} as const;

/** When one between two of a loop is. */
export function innerIgnoreOf(place: Place): Condition | undefined {
  const stage = stageAt(place);
  const { inner } = isHead(place) && place.group !== undefined ? place.group.stage : stage;
  return ignoring(place, contiguityOf[inner], stage.condition ?? always);
}

function ignoring(
  place: Place,
  contiguity: Stage["contiguity"],
  condition: Condition,
): Condition | undefined {
  if (contiguity === "followedBy") return inGroup(place, not(condition));
  return contiguity === "followedByAny" ? inGroup(place, always) : undefined;
}

/** What must not have come before the stage: those right before it, and those that may be left out lie between. */
export function forbiddenBefore(place: Place): readonly Stage[] {
  const forbidden: Stage[] = [];
  for (let at = place.at - 1; at >= 0; at--) {
    const stage = place.stages[at] as Stage;
    if (isNegative(stage) && stage.contiguity === "notFollowedBy") forbidden.push(stage);
    else if (!stage.optional) break;
  }
  return forbidden;
}
