import { Stack } from "aws-cdk-lib";
import { CfnGlobalTable, CfnTable } from "aws-cdk-lib/aws-dynamodb";
import { Construct } from "constructs";
import { jobTableKeys } from "../runtime/aws/job-table.ts";
import { keyTypeOf, tableKeyFault } from "../runtime/connectors/table-key-fault.ts";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import type { ExistingKey, KeyType, TableKey } from "../runtime/ports/keyed-table.ts";
import type { PlannedTable } from "./plan-resources.ts";
import type { GivenTable } from "./props.ts";

/** What tells the types of a table's key, beside the sinks that write it. */
export interface KeyTypeSettings {
  readonly numberKeys: Readonly<Record<string, readonly string[]>>;
  readonly tables: Readonly<Record<string, GivenTable>>;
}

/**
 * No row could be written to a table whose key has other types than its rows.
 * @throws deployment errors `key-types-unknown`, `key-types-differ` and, for a table of this app, `table-key-mismatch`.
 */
export function checkKeyTypes(
  tables: readonly PlannedTable[],
  { numberKeys, tables: given }: KeyTypeSettings,
): void {
  for (const table of tables) {
    const numbers = numberKeys[table.name];
    const key = keyOf(table, numbers);
    const { [table.name]: existing } = given;
    if (existing !== undefined) checkGiven(table.name, key, existing);
    else if (key.some(({ type }) => type === undefined)) throw unknownTypes(table);
    const said = keyOf({ name: table.name, keyFields: table.keyFields }, numbers);
    if (numbers !== undefined && typesOf(said) !== typesOf(key)) throw differingTypes(table, key);
  }
}

/** Attributes of a table's key; the type where the sink declares it, or `numberKeys` has something about the table. */
export function keyOf(
  { keyFields, keyTypes }: PlannedTable,
  numbers: readonly string[] | undefined,
): TableKey {
  const said = (field: string): KeyType | undefined =>
    numbers && (numbers.includes(field) ? "number" : "string");
  return keyFields.map((name, at) => {
    const type = keyTypes?.[at] ?? said(name);
    return { name, ...(type !== undefined && { type }) };
  });
}

/** @throws deployment error `table-key-mismatch`, where the app knows the key of the table that is given for logs and control rows. */
export function checkJobTable(given: GivenTable): void {
  const { partition, sort } = jobTableKeys;
  const key: TableKey = [partition, sort].map((name) => ({ name, type: "string" }));
  checkGiven("jobTable", key, given);
}

function checkGiven(name: string, key: TableKey, given: GivenTable): void {
  const existing = knownKeyOf(given);
  const fault = existing && tableKeyFault(key, existing);
  if (fault === undefined) return;
  throw deploymentError("table-key-mismatch", {
    message: `The table that is given for "${name}" can't hold the job's rows: ${fault}.`,
    next: "Give a table with the sink's key, or the sink the table's.",
  });
}

/** Of a table that this app makes. About one that is only named the app knows nothing; the coordinator compares it. */
function knownKeyOf(given: GivenTable): ExistingKey | undefined {
  if (!Construct.isConstruct(given)) return undefined;
  const { defaultChild } = given.node;
  if (!(defaultChild instanceof CfnTable || defaultChild instanceof CfnGlobalTable))
    return undefined;
  const { keySchema, attributeDefinitions } = Stack.of(given).resolve({
    keySchema: defaultChild.keySchema,
    attributeDefinitions: defaultChild.attributeDefinitions,
  }) as SynthesizedKey;
  return keySchema?.map(({ attributeName: name }) => {
    const attribute = attributeDefinitions?.find(({ attributeName }) => attributeName === name);
    return { name, type: keyTypeOf(attribute?.attributeType) };
  });
}

/** As constructs hold it: names in camel case. */
interface SynthesizedKey {
  readonly keySchema?: readonly { readonly attributeName: string; readonly keyType: string }[];
  readonly attributeDefinitions?: readonly {
    readonly attributeName: string;
    readonly attributeType: string;
  }[];
}

const typesOf = (key: TableKey): string => key.map(({ type }) => type).join();

function unknownTypes({ name, keyFields }: PlannedTable): Error {
  const types = keyFields.map((field) => `${JSON.stringify(field)}: "string"`).join(", ");
  return deploymentError("key-types-unknown", {
    message: `No sink of the table "${name}" declares the types of its key (${keyFields.join(", ")}), so the table can't be made: a row whose key has another type would never be written.`,
    next: `Declare them in the sink, for example key: { ${types} }, with "number" where a field holds numbers. Or say which are numbers in numberKeys: { ${JSON.stringify(name)}: [] }, where the list may be empty.`,
  });
}

function differingTypes({ name }: PlannedTable, key: TableKey): Error {
  const types = key.map((attribute) => `${attribute.name} ${attribute.type}`).join(", ");
  return deploymentError("key-types-differ", {
    message: `numberKeys.${name} says other than the table's sink, whose key is (${types}).`,
    next: `Leave "${name}" out of numberKeys: the sink tells.`,
  });
}
