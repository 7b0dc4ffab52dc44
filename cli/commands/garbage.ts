import { defineCommand, type Given } from "../definition/command.ts";
import { defaulted, flag, optional, wholeNumber } from "../definition/option.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const options = {
  "dry-run": flag("delete nothing: list what would go, and why the rest is kept"),
  grace: defaulted("3600", {
    placeholder: "s",
    brief: "what is garbage goes when an earlier collection found it so, this long before",
    parse: wholeNumber({ min: 0, max: 31_536_000 }),
  }),
  retain: optional(
    "n",
    "complete epochs that are kept beside savepoints (default: all; a running job sees to that)",
    wholeNumber({ min: 1, max: 1_000_000 }),
  ),
  ...storeOptionDefinitions,
};

export type GarbageGiven = Given<typeof options, readonly []>;

export const garbage = defineCommand({
  brief: "delete what nothing of a job refers to any more, or say what would go",
  options,
  args: [],
  examples: [{ line: "--dir run --dry-run", effect: "only says what would go" }],
  load: async () => (await import("../garbage-command.ts")).garbageCommand,
});
