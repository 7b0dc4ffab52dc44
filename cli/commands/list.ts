import { defineCommand, type Given } from "../definition/command.ts";
import { anyText, required } from "../definition/option.ts";
import { jsonOption } from "./store-options.ts";

const options = {
  dir: required("folder", 'the folder that "millrace dev" was given', anyText),
  ...jsonOption,
};

export type ListGiven = Given<typeof options, readonly []>;

export const list = defineCommand({
  brief: "show the jobs of a folder",
  options,
  args: [],
  examples: [
    { line: "--dir run", effect: "each job with its generation, and whether it has ended" },
  ],
  load: async () => (await import("../list-command.ts")).listCommand,
});
