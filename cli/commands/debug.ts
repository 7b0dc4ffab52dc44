import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { bareOrWith, defaulted, wholeNumber } from "../definition/option.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const portRange = wholeNumber({ min: 1, max: 65_535 });
const inspectPort = 9_229;

const options = {
  inspect: bareOrWith(
    "port",
    "wait for a debugger on this machine before the batch runs (default port: 9229)",
    (text) => (text === "" ? inspectPort : portRange(text)),
  ),
  records: defaulted("2000", {
    placeholder: "n",
    brief: "records at most, of a batch that is not committed",
    parse: wholeNumber({ min: 1, max: 10_000 }),
  }),
  ...storeOptionDefinitions,
};
const args = [
  argument("slot", "the slot, as `millrace status` names it"),
  argument("version", 'a version of it, or "next" for the batch that it tries'),
  argument("job.ts", "the file of the job"),
] as const;

export type DebugGiven = Given<typeof options, typeof args>;

export const debug = defineCommand({
  brief: "run a committed or failing batch of a slot again on this machine, and say what differs",
  options,
  args,
  notes: [
    "State and records are read as of the version; nothing is written. The clock of the job stands at the time of the batch; what its functions ask of the world, such as Date.now(), they ask now.",
    "Exit codes: 0 all that was committed came out, or nothing was committed yet and nothing fails; 3 something differs, or fails.",
    "Versions are known as far back as the log's ring has room, and records as long as the stream keeps them.",
  ],
  examples: [
    { line: "exchange/shardId-000000000000 next job.ts --dir run", effect: "why a batch fails" },
    {
      line: "exchange/shardId-000000000000 41 job.ts --dir run --inspect",
      effect: "version 41, in a debugger",
    },
  ],
  load: async () => (await import("../debug-command.ts")).debugCommand,
});
