import { defineCommand, type Given } from "../definition/command.ts";
import { storeOptionDefinitions } from "./store-options.ts";

export type CancelGiven = Given<typeof storeOptionDefinitions, readonly []>;

export const cancel = defineCommand({
  brief: "stop a job at once, without a savepoint; its checkpoints stay as they are",
  options: storeOptionDefinitions,
  args: [],
  examples: [{ line: "--dir run", effect: 'as "millrace stop --no-savepoint"' }],
  load: async () => (await import("../stop-command.ts")).cancelCommand,
});
