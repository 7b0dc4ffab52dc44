import { defineCommand, type Given } from "../definition/command.ts";
import { anyText, optional, required, wholeNumber } from "../definition/option.ts";

const options = {
  dir: required(
    "folder",
    "the folder of millrace dev; jobs may be running there in other processes",
    anyText,
  ),
  port: optional(
    "n",
    "where it is served, to this machine only (default: 0, a port that is free)",
    wholeNumber({ min: 0, max: 65_535 }),
  ),
};

export type ConsoleGiven = Given<typeof options, readonly []>;

export const console = defineCommand({
  brief: "serve the console and the API of a folder's jobs, until Ctrl-C",
  options,
  args: [],
  examples: [{ line: "--dir run", effect: "prints the address, to open in a browser" }],
  load: async () => (await import("../console-command.ts")).consoleCommand,
});
