import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { anyText, optional } from "../definition/option.ts";

const options = {
  package: optional(
    "spec",
    "what the project depends on for Millrace, such as file:../millrace.tgz (default: this version)",
    anyText,
  ),
};
const args = [
  argument("folder", "the folder of the new project, whose name is the job's"),
] as const;

export type InitGiven = Given<typeof options, typeof args>;

export const init = defineCommand({
  brief: "write a small project that runs, tests and synthesises as it is",
  options,
  args,
  examples: [
    { line: "shop", effect: "a project in the new folder shop, whose job is called shop" },
  ],
  load: async () => (await import("../init-command.ts")).initCommand,
});
