import { defineCommand, type Given } from "../definition/command.ts";
import { flag } from "../definition/option.ts";
import { waitOptions } from "./savepoint.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const options = {
  ...waitOptions,
  drain: flag("sources report their ends before, so that all windows fire"),
  "no-savepoint": flag("cancel: stop at once, checkpoints stay as they are"),
  ...storeOptionDefinitions,
};

export type StopGiven = Given<typeof options, readonly []>;

export const stop = defineCommand({
  brief: "stop a running job with a savepoint",
  options,
  args: [],
  examples: [
    { line: "--dir run", effect: "says how to go on from the savepoint" },
    { line: "--dir run --no-savepoint", effect: "at once" },
  ],
  load: async () => (await import("../stop-command.ts")).stopCommand,
});
