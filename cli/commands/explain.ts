import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { flag } from "../definition/option.ts";

const options = {
  json: flag("the plan as data"),
  mermaid: flag("the plan as a Mermaid flowchart"),
};
const args = [argument("job.ts", "the file of a job")] as const;

export type ExplainGiven = Given<typeof options, typeof args>;

export const explain = defineCommand({
  brief: "show how a job will run, and what each sink guarantees",
  options,
  args,
  examples: [{ line: "job.ts --mermaid", effect: "a picture, where Mermaid is drawn" }],
  load: async () => (await import("../explain-command.ts")).explainCommand,
});
