import type { ChangelogNode, FilterNode, FlatMapNode, MapNode } from "../../graph/node.ts";
import { onlyReads } from "../../graph/only-reads.ts";
import { type OperatorSpec, passesChanges } from "../spec.ts";
import { changelogPush, filterPush, flatMapPush, mapPush } from "../stateless-operators.ts";

export const map: OperatorSpec<MapNode> = {
  inputs: "one",
  functions: ({ fn }) => ({ "": fn }),
  changelog: passesChanges,
  create: (node, { output }) => mapPush(node, output),
};

export const filter: OperatorSpec<FilterNode> = {
  inputs: "one",
  functions: ({ fn }) => ({ "": fn }),
  onlyReads: ({ fn }) => onlyReads(fn),
  changelog: passesChanges,
  create: (node, { output, gives }) => filterPush(node, output, gives),
};

export const flatMap: OperatorSpec<FlatMapNode> = {
  inputs: "one",
  functions: ({ fn }) => ({ "": fn }),
  takesGenerators: () => true,
  // The value before may have given other results.
  changelog: { ...passesChanges, needsBefore: () => true },
  create: (node, { output }) => flatMapPush(node, output),
};

export const changelog: OperatorSpec<ChangelogNode> = {
  inputs: "one",
  changelog: { gives: () => undefined, needsBefore: () => true },
  create: (_, { output }) => changelogPush(output),
};
