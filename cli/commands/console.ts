import { defineCommand, type Given } from "../definition/command.ts";
import { anyText, optional, wholeNumber } from "../definition/option.ts";
import { allowOrigin } from "./allow-origin-option.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const { json: _, ...placeOptions } = storeOptionDefinitions;
const options = {
  port: optional(
    "n",
    "where it is served, to this machine only (default: 0, a port that is free)",
    wholeNumber({ min: 0, max: 65_535 }),
  ),
  "allow-origin": allowOrigin,
  ...placeOptions,
  profile: optional(
    "name",
    "whose credentials are used, by the name in AWS's files (default: as the AWS SDK finds them)",
    anyText,
  ),
};

export type ConsoleGiven = Given<typeof options, readonly []>;

export const console = defineCommand({
  brief: "serve the console and the API of a folder's jobs or of a deployed one, until Ctrl-C",
  options,
  args: [],
  notes: [
    "Of a folder all jobs are served, whatever --job says. A deployed job is asked through its API, where its pipeline has one, and each request is signed with your own credentials; otherwise its tables are read with them, every two seconds while somebody looks.",
  ],
  examples: [
    { line: "--dir run", effect: "prints the address, to open in a browser" },
    { line: "--outputs .millrace/outputs.json", effect: "the same of a deployed job" },
  ],
  load: async () => (await import("../console-command.ts")).consoleCommand,
});
