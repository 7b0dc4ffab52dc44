import { buildRouteMap } from "@stricli/core";
import { argument } from "../definition/argument.ts";
import { bare } from "../definition/bare.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { defaulted, wholeNumber } from "../definition/option.ts";
import { everyOption } from "./every-option.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const args = [
  argument("operator", "the operator's uid"),
  argument("state", "the name of one of its states"),
  argument("key", 'the key as JSON, or a text, such as ada, 7 or ["ada",7]'),
] as const;

const watchOptions = { ...everyOption, ...storeOptionDefinitions };
const historyOptions = {
  limit: defaulted("20", {
    placeholder: "n",
    brief: "changes at most, the newest ones",
    parse: wholeNumber({ min: 1, max: 200 }),
  }),
  ...storeOptionDefinitions,
};

export type StateGetGiven = Given<typeof storeOptionDefinitions, typeof args>;
export type StateWatchGiven = Given<typeof watchOptions, typeof args>;
export type StateHistoryGiven = Given<typeof historyOptions, typeof args>;

const get = defineCommand({
  brief: "show what a state holds for a key now, without disturbing the job",
  options: storeOptionDefinitions,
  args,
  notes: [
    "It is read from what the key's slot has committed, as of a version of the slot: all of the slot's state is read for it.",
  ],
  examples: [{ line: "windows windows ada --dir run", effect: "the windows of one key" }],
  load: async () => (await import("../state-command.ts")).stateGetCommand,
});

const watch = defineCommand({
  brief: "show what a state holds for a key, and again whenever that changes, until Ctrl-C",
  options: watchOptions,
  args,
  examples: [{ line: "windows windows ada --dir run", effect: "each change of one key" }],
  load: async () => (await import("../state-command.ts")).stateWatchCommand,
});

const history = defineCommand({
  brief: "show what a state was for a key, version by version, the newest first",
  options: historyOptions,
  args,
  notes: [
    "It is read from the log of the key's slot, behind the oldest checkpoint that it follows without a gap: some hundred commits back. What was in another slot before shards were split or merged is not known any more.",
  ],
  examples: [
    { line: "windows windows ada --dir run --limit 5", effect: "how it came to what it is" },
  ],
  load: async () => (await import("../state-command.ts")).stateHistoryCommand,
});

export const state = buildRouteMap({
  routes: bare({ get, watch, history }),
  docs: { brief: "look at a job's state as it is now, or as it was" },
});
