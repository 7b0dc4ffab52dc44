import { buildRouteMap } from "@stricli/core";
import { bare } from "../definition/bare.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { anyText, optional } from "../definition/option.ts";
import { limitOption } from "./limit-option.ts";
import { storeOptionDefinitions } from "./store-options.ts";

export const lettersShownToPeople = 20;

const operator = optional("name", 'only those of this operator, as "list" names it', anyText);
const listOptions = { operator, ...storeOptionDefinitions };
const showOptions = {
  operator,
  ...limitOption("letters", lettersShownToPeople),
  ...storeOptionDefinitions,
};

export type ListGiven = Given<typeof listOptions, readonly []>;
export type ShowGiven = Given<typeof showOptions, readonly []>;

const list = defineCommand({
  brief: "count dead letters by operator and reason",
  options: listOptions,
  args: [],
  examples: [{ line: "--dir run", effect: "a line for each operator and reason" }],
  load: async () => (await import("../deadletters-command.ts")).listCommand,
});

const show = defineCommand({
  brief: "show dead letters one by one, with what each holds",
  options: showOptions,
  args: [],
  examples: [
    { line: "--dir run --operator totals --limit 5", effect: "five of what one operator refused" },
  ],
  load: async () => (await import("../deadletters-command.ts")).showCommand,
});

export const deadletters = buildRouteMap({
  routes: bare({ list, show }),
  docs: { brief: "show what user code or a store refused, counted by reason or one by one" },
});
