import { deploymentError } from "../runtime/errors/millrace-error.ts";
import { streamsInFolder, tablesInFolder } from "../runtime/embedded/tables-in-folder.ts";
import type { ResultTables } from "./result-table.ts";

/** What a name stands for: a table of results, or a stream, as the store calls it. */
export interface ResultTarget {
  readonly kind: "table" | "stream";
  readonly name: string;
}

/** Undefined where nothing is called so, as far as is known. */
export function findTarget(results: ResultTables, name: string): ResultTarget | undefined {
  const { place, names, streamNames } = results;
  if (place.kind === "embedded") {
    if (tablesInFolder(place.dir).some(({ table }) => table === name))
      return { kind: "table", name };
    return streamsInFolder(place.dir).includes(name) ? { kind: "stream", name } : undefined;
  }
  if (Object.hasOwn(names, name)) return { kind: "table", name: names[name]! };
  if (Object.hasOwn(streamNames, name)) return { kind: "stream", name: streamNames[name]! };
  const known = Object.values(names);
  // Where nothing says what a deployment's tables are called, the name is AWS's.
  return known.length === 0 || known.includes(name) ? { kind: "table", name } : undefined;
}

/** @throws MillraceError `result-unknown`, which names those that there are */
export function targetOf(results: ResultTables, name: string): ResultTarget {
  const found = findTarget(results, name);
  if (found !== undefined) return found;
  const { place } = results;
  const isFolder = place.kind === "embedded";
  throw deploymentError("result-unknown", {
    message: `There is no table or stream "${name}" ${isFolder ? `in "${place.dir}"` : "of the job"}: ${whatThereIs(results)}.`,
    next: isFolder
      ? "Give one of these names; a table is there once the job has written a row into it."
      : "Give one of these names.",
  });
}

/** Names of tables and of streams, for messages. */
export function whatThereIs({ place, names, streamNames }: ResultTables): string {
  const isFolder = place.kind === "embedded";
  const tables = isFolder
    ? tablesInFolder(place.dir).map(({ table }) => table)
    : Object.keys(names);
  const streams = isFolder ? streamsInFolder(place.dir) : Object.keys(streamNames);
  const listed = [
    tables.length === 0 ? "there are no tables yet" : `tables ${tables.join(", ")}`,
    ...(streams.length === 0 ? [] : [`streams ${streams.join(", ")}`]),
  ];
  return listed.join("; ");
}
