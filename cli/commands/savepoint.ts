import { buildRouteMap } from "@stricli/core";
import { bare } from "../definition/bare.ts";
import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { anyText, defaulted, flag, optional, required, wholeNumber } from "../definition/option.ts";
import { describe, referenceNote, type StoreGiven } from "./checkpoint.ts";
import { storeOptionDefinitions } from "./store-options.ts";

/** How a savepoint is asked for, and how long its command waits for the coordinator. */
export const waitOptions = {
  id: optional("name", "name of the savepoint (default: made of the time)", anyText),
  timeout: defaulted("300", {
    placeholder: "s",
    brief: "how long to wait; the request stands",
    parse: wholeNumber({ min: 1, max: 86_400 }),
  }),
};

const takeOptions = { ...waitOptions, ...storeOptionDefinitions };
const deleteOptions = {
  force: flag("although it is the only thing that the job can go back to"),
  ...storeOptionDefinitions,
};
const readOptions = {
  operator: optional("uid", "only state of this operator", anyText),
  state: optional("name", "only state of this name", anyText),
  key: optional("key", "only state of this key: a text, or the key as JSON", anyText),
  ...storeOptionDefinitions,
};
const copyOptions = {
  to: required("target", "a folder, or s3://<bucket>[/<prefix>]", anyText),
  "to-region": optional("name", "region of the target's bucket", anyText),
  ...storeOptionDefinitions,
};
const one = [argument("ref", "the name of a savepoint")] as const;

export type { StoreGiven };
export type TakeGiven = Given<typeof takeOptions, readonly []>;
export type DeleteGiven = Given<typeof deleteOptions, typeof one>;
export type ReadGiven = Given<typeof readOptions, typeof one>;
export type CopyGiven = Given<typeof copyOptions, typeof one>;

const implementation = () => import("../savepoint-command.ts");

const take = defineCommand({
  brief: "take a savepoint of a running job",
  options: takeOptions,
  args: [],
  examples: [{ line: "--dir run --id before-change", effect: "waits until it is complete" }],
  load: async () => (await implementation()).takeCommand,
});

const list = defineCommand({
  brief: "list a job's savepoints, and those that were asked for",
  options: storeOptionDefinitions,
  args: [],
  examples: [{ line: "--dir run", effect: "each with its epoch, size and state" }],
  load: async () => (await implementation()).listCommand,
});

const remove = defineCommand({
  brief: "delete a savepoint; what only it referred to goes with the next garbage collection",
  options: deleteOptions,
  args: one,
  examples: [{ line: "before-change --dir run", effect: "one savepoint" }],
  load: async () => (await implementation()).deleteCommand,
});

const read = defineCommand({
  brief: "print state as JSON lines: {operator, state, key, mapKey, value}",
  options: readOptions,
  args: one,
  notes: [referenceNote],
  examples: [
    {
      line: "latest --dir run --operator totals --key ada",
      effect: "what one operator has of a key",
    },
  ],
  load: async () => (await implementation()).readCommand,
});

const copy = defineCommand({
  brief: "copy a savepoint with all that it refers to",
  options: copyOptions,
  args: one,
  notes: [referenceNote],
  examples: [{ line: "before-change --dir run --to backup", effect: "into another folder" }],
  load: async () => (await implementation()).copyCommand,
});

export const savepoint = buildRouteMap({
  routes: bare({ take, list, describe, delete: remove, read, copy }),
  docs: { brief: "take savepoints, and look at, read, copy or delete them" },
});
