import type { TriggerDefinition } from "../graph/window-trigger.ts";

/** What global windows have where nobody says when they give results (Flink: NeverTrigger). */
export const neverTrigger: TriggerDefinition<unknown, undefined> = {
  name: "never",
  keeps: "nothing",
  onElement: () => "continue",
  onMerge: () => undefined,
};
