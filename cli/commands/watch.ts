import { defineCommand, type Given } from "../definition/command.ts";
import { everyOption } from "./every-option.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const options = {
  ...everyOption,
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
