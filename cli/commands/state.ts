import { buildRouteMap } from "@stricli/core";
import { argument } from "../definition/argument.ts";
import { bare } from "../definition/bare.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { storeOptionDefinitions } from "./store-options.ts";

const args = [
  argument("operator", "the operator's uid"),
  argument("state", "the name of one of its states"),
  argument("key", 'the key as JSON, or a text, such as ada, 7 or ["ada",7]'),
] as const;

export type StateGetGiven = Given<typeof storeOptionDefinitions, typeof args>;

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

export const state = buildRouteMap({
  routes: bare({ get }),
  docs: { brief: "look at a job's state as it is now" },
});
