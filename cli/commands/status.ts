import { defineCommand, type Given } from "../definition/command.ts";
import { storeOptionDefinitions } from "./store-options.ts";

export type StatusGiven = Given<typeof storeOptionDefinitions, readonly []>;

export const status = defineCommand({
  brief: "show how a job is: generation, checkpoints, slots, watermarks",
  options: storeOptionDefinitions,
  args: [],
  examples: [
    { line: "--dir run", effect: "the job of a folder" },
    { line: "--outputs .millrace/outputs.json", effect: "a deployed job" },
  ],
  load: async () => (await import("../status-command.ts")).statusCommand,
});
