import { buildRouteMap } from "@stricli/core";
import { bare } from "../definition/bare.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { anyText, flag, optional, repeated } from "../definition/option.ts";
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

const chosen = {
  operator,
  id: repeated("id", 'a letter, as "show" names it; repeat it for several', anyText),
  all: flag("all of them, or all of --operator"),
};
const replayOptions = {
  ...chosen,
  key: optional(
    "field",
    "field of the documents that is the partition key (default: the one that partitionedBy names, else any key will do)",
    anyText,
  ),
  ...storeOptionDefinitions,
};
const discardOptions = { ...chosen, ...storeOptionDefinitions };

export type ReplayGiven = Given<typeof replayOptions, readonly []>;
export type DiscardGiven = Given<typeof discardOptions, readonly []>;

const replay = defineCommand({
  brief: "put the documents of dead letters into their streams again",
  options: replayOptions,
  args: [],
  notes: [
    "For a job that was mended. What is put is removed from the dead letters; what can't be put stays, and is named: a letter without its source's whole document, of a source that reads no stream, or of one that is partitioned by a function where no --key says by which field. A document that went well in part counts again.",
  ],
  examples: [{ line: "--dir run --all", effect: "all that can be put again" }],
  load: async () => (await import("../deadletters-again.ts")).replayCommand,
});

const discard = defineCommand({
  brief: "remove dead letters for good",
  options: discardOptions,
  args: [],
  notes: ["Counters go on counting them: they were refused."],
  examples: [{ line: "--dir run --operator totals --all", effect: "those of one operator" }],
  load: async () => (await import("../deadletters-again.ts")).discardCommand,
});

export const deadletters = buildRouteMap({
  routes: bare({ list, show, replay, discard }),
  docs: {
    brief: "show what user code or a store refused, put it into its stream again, or remove it",
  },
});
