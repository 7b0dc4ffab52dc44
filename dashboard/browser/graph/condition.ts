import type { JobStatusView } from "../../../http/schemas/job.ts";
import type { PlanView } from "../../../http/schemas/plan.ts";

/** How a stage is, the worst first. */
export const conditions = {
  full: "a slot's log is nearly full: it holds up what feeds it",
  behind: "elements wait in front of it",
  refusing: "it has refused elements",
  flowing: "elements come",
  quiet: "nothing comes",
} as const;

export type Condition = keyof typeof conditions;

export interface ConditionInput {
  readonly status: Pick<JobStatusView, "exchangeLagMs"> & {
    readonly slots: readonly Pick<JobStatusView["slots"][number], "owner" | "ringUsedPercent">[];
    readonly operators: readonly Pick<
      JobStatusView["operators"][number],
      "name" | "stage" | "deadLetters"
    >[];
  };
  readonly rates: Readonly<Record<string, number>>;
}

const fullPercent = 80;
/** Ticks are applied within some rounds of the coordinator, whatever waits. */
const behindMs = 5_000;

export function conditionOf(
  stage: Pick<PlanView["stages"][number], "id" | "owner" | "kind">,
  { status, rates }: ConditionInput,
): Condition {
  const slots = status.slots.filter(({ owner }) => owner === stage.owner);
  const operators = status.operators.filter((operator) => operator.stage === stage.id);
  if (slots.some(({ ringUsedPercent }) => ringUsedPercent >= fullPercent)) return "full";
  if (stage.kind === "exchange" && status.exchangeLagMs > behindMs) return "behind";
  if (operators.some(({ deadLetters }) => deadLetters > 0)) return "refusing";
  return operators.some(({ name }) => (rates[name] ?? 0) > 0) ? "flowing" : "quiet";
}
