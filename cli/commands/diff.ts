import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const args = [argument("job.ts", "the file of the job as it is to run")] as const;

export type DiffGiven = Given<typeof storeOptionDefinitions, typeof args>;

export const diff = defineCommand({
  brief: "compare a job's file with what runs: its plan, and what becomes of its state",
  options: storeOptionDefinitions,
  args,
  notes: [
    "Exit codes: 0 the same plan, 3 another one that takes all of the state, 1 one that does not.",
  ],
  examples: [
    { line: "job.ts --dir run", effect: "what a restore of the job into this version would meet" },
  ],
  load: async () => (await import("../diff-command.ts")).diffCommand,
});
