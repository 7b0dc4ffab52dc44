import { defineCommand, type Given } from "../definition/command.ts";
import { optional, wholeNumber } from "../definition/option.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const options = {
  every: optional(
    "s",
    "seconds between two looks (default: 1; of a deployed job 10)",
    wholeNumber({ min: 1, max: 86_400 }),
  ),
  ...storeOptionDefinitions,
};

export type WatchGiven = Given<typeof options, readonly []>;

export const watch = defineCommand({
  brief: "show how a job goes on, operator by operator, until it ends or Ctrl-C",
  options,
  args: [],
  examples: [{ line: "--dir run", effect: "as millrace dev shows it, from another terminal" }],
  load: async () => (await import("../watch-command.ts")).watchCommand,
});
