import { buildRouteMap } from "@stricli/core";
import { bare } from "../definition/bare.ts";
import { argument } from "../definition/argument.ts";
import { defineCommand, type Given } from "../definition/command.ts";
import { storeOptionDefinitions } from "./store-options.ts";

/** How a checkpoint or savepoint is meant. */
export const referenceNote =
  "A reference is a savepoint's name, <generation>/<epoch>, a manifest's key, or \"latest\".";

const described = [argument("ref", "the name of a checkpoint or savepoint")] as const;

export type StoreGiven = Given<typeof storeOptionDefinitions, readonly []>;
export type DescribeGiven = Given<typeof storeOptionDefinitions, typeof described>;

const list = defineCommand({
  brief: "list a job's checkpoints",
  options: storeOptionDefinitions,
  args: [],
  examples: [{ line: "--dir run", effect: "each with its epoch, size and state" }],
  load: async () => (await import("../checkpoint-command.ts")).listCommand,
});

/** Shared with `savepoint describe`: a savepoint is a checkpoint with a name. */
export const describe = defineCommand({
  brief: "show what a checkpoint or savepoint consists of",
  options: storeOptionDefinitions,
  args: described,
  notes: [referenceNote],
  examples: [{ line: "latest --dir run", effect: "the newest one" }],
  load: async () => (await import("../checkpoint-command.ts")).describeCommand,
});

export const checkpoint = buildRouteMap({
  routes: bare({ list, describe }),
  docs: { brief: "look at a job's checkpoints" },
});
