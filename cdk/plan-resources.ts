import type { SinkResource } from "../runtime/connectors/sink-spec.ts";
import { isSinkType, resourceOf, sinkTypes } from "../runtime/connectors/sinks.ts";
import { readsStream, sourceResourceOf } from "../runtime/connectors/sources.ts";
import type { StartFrom } from "../runtime/graph/connectors.ts";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import type { KeyType } from "../runtime/ports/keyed-table.ts";
import type { Plan, PlannedSink } from "../runtime/plan/plan.ts";

export interface PlannedTable {
  readonly name: string;
  /** One or two: partition key, then sort key. */
  readonly keyFields: readonly string[];
  /** Types of `keyFields`, in their order; absent where no sink declares them. */
  readonly keyTypes?: readonly KeyType[];
}

/** The streams that the job reads, each with the earliest place where one of its sources begins. */
export function sourceStreamsOf(plan: Plan): ReadonlyMap<string, StartFrom> {
  const streams = new Map<string, StartFrom>();
  for (const { stream, startFrom } of plan.sources.filter(readsStream)) {
    const other = streams.get(stream);
    streams.set(stream, other === undefined ? startFrom : earlier(other, startFrom));
  }
  return streams;
}

/** Folders of files that the job reads. */
export function sourceFoldersOf(plan: Plan): readonly string[] {
  return plan.sources.flatMap((source) => {
    const resource = sourceResourceOf(source);
    return resource?.kind === "folder" ? [resource.name] : [];
  });
}

function earlier(a: StartFrom, b: StartFrom): StartFrom {
  if (a === "earliest" || b === "earliest") return "earliest";
  if (a === "latest") return b;
  if (b === "latest") return a;
  return a.timeMs < b.timeMs ? a : b;
}

/** Streams that sinks write. One that is a source too is listed here as well. */
export function sinkStreamsOf(plan: Plan): readonly string[] {
  return distinct(writtenBy(plan, "stream").map(([{ name }]) => name));
}

/** Folders that sinks write files into. */
export function sinkFoldersOf(plan: Plan): readonly string[] {
  return distinct(writtenBy(plan, "folder").map(([{ name }]) => name));
}

/** @throws deployment errors `table-key-missing`, `table-key-too-long` and `table-keys-differ`. */
export function tablesOf(plan: Plan): readonly PlannedTable[] {
  const tables = new Map<string, PlannedTable>();
  for (const [resource, { uid }] of writtenBy(plan, "table")) {
    const table = tableOf(resource, uid);
    const other = tables.get(table.name);
    if (other !== undefined && !haveOneKey(table, other))
      throw deploymentError("table-keys-differ", {
        message: `Two sinks write the table "${table.name}" by other keys: (${keyText(other)}) and (${keyText(table)}).`,
        uid,
        next: "Give both the same key, or each a table of its own.",
      });
    tables.set(table.name, { ...other, ...table });
  }
  return [...tables.values()];
}

/** A sink that declares no types goes with one that does. */
function haveOneKey(one: PlannedTable, other: PlannedTable): boolean {
  const { keyTypes: types = other.keyTypes } = one;
  const { keyTypes: otherTypes = types } = other;
  return one.keyFields.join() === other.keyFields.join() && types?.join() === otherTypes?.join();
}

function keyText({ keyFields, keyTypes = [] }: PlannedTable): string {
  return keyFields.map((name, at) => [name, keyTypes[at]].join(" ").trim()).join(", ");
}

function tableOf({ name: target, key }: Written<"table">, uid: string): PlannedTable {
  const keyFields = key.map(({ name }) => name);
  const keyTypes = key.flatMap(({ type }) => type ?? []);
  if (keyFields.length === 0)
    throw deploymentError("table-key-missing", {
      message: `The sink "${uid}" writes the table "${target}" but names no key.`,
      uid,
      next: "Give the sink a key of one or two attributes.",
    });
  if (keyFields.length > 2)
    throw deploymentError("table-key-too-long", {
      message: `The sink "${uid}" has a key of ${keyFields.length} attributes (${keyFields.join(", ")}); a DynamoDB table's key has one or two.`,
      uid,
      next: "Join several of them into one attribute.",
    });
  return { name: target, keyFields, ...(keyTypes.length > 0 && { keyTypes }) };
}

type Written<Kind> = Extract<SinkResource, { readonly kind: Kind }>;

/** What sinks write; whatever one of an unknown type does, nobody would have created or granted it. */
function writtenBy<Kind extends SinkResource["kind"]>(
  plan: Plan,
  kind: Kind,
): readonly (readonly [Written<Kind>, PlannedSink])[] {
  return plan.sinks.flatMap((sink) => {
    if (!isSinkType(sink.type))
      throw deploymentError("sink-not-deployable", {
        message: `The sink "${sink.uid}" is of type "${sink.type}", which the construct can't deploy.`,
        uid: sink.uid,
        next: `Use one of these types: ${sinkTypes.join(", ")}.`,
      });
    const resource = resourceOf(sink);
    return resource.kind === kind ? [[resource as Written<Kind>, sink] as const] : [];
  });
}

const distinct = (names: readonly string[]): readonly string[] => [...new Set(names)];
