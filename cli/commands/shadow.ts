import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { anyText, defaulted, flag, optional, wholeNumber } from "../definition/option.ts";
import { referenceNote } from "./checkpoint.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const options = {
  from: optional(
    "ref",
    'the epoch whose state it begins with, or "beginning" for none (default: latest)',
    anyText,
  ),
  for: defaulted("0", {
    placeholder: "s",
    brief: "seconds for which it runs beside the live job at least",
    parse: wholeNumber({ min: 0, max: 86_400 }),
  }),
  settle: defaulted("10", {
    placeholder: "s",
    brief: "seconds for which a row may differ because one of the two is ahead",
    parse: wholeNumber({ min: 0, max: 3_600 }),
  }),
  limit: defaulted("20", {
    placeholder: "n",
    brief: "differences of a table that are shown at most",
    parse: wholeNumber({ min: 1, max: 10_000 }),
  }),
  "allow-non-restored-state": flag(
    "leave the state of operators behind that the job does not have any more",
  ),
  ...storeOptionDefinitions,
};
const args = [argument("job.ts", "the file of the job as it is to run")] as const;

export type ShadowGiven = Given<typeof options, typeof args>;

export const shadow = defineCommand({
  brief:
    "try a changed job beside the one that runs: on its input, from its state, and compare the rows",
  options,
  args,
  notes: [
    "The shadow runs in this process, in a folder that goes with it. It reads the live job's source streams, and writes no table, stream or file of it. What its functions ask of other services they ask.",
    "Compared is every row that the shadow writes or withdraws, and every one that the live job does once the shadow has begun. Of tables of more than 100,000 rows those that the shadow writes.",
    "Exit codes: 0 all rows are the same, 3 some differ, 130 interrupted before it had caught up.",
    referenceNote,
  ],
  examples: [
    { line: "job.ts --dir run", effect: "beside the job of a folder" },
    {
      line: "job.ts --outputs .millrace/outputs.json --for 600",
      effect: "ten minutes beside a deployed job, for the check of a pull request",
    },
  ],
  load: async () => (await import("../shadow-command.ts")).shadowCommand,
});
