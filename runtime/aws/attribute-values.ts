import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { inputError, type MillraceError } from "../errors/millrace-error.ts";
import type { Item } from "./conditional-put.ts";

/** DynamoDB holds numbers of magnitude 1e-130 to 9.99e125, with 38 digits. */
const maxMagnitude = 9.99e125;
const minMagnitude = 1e-130;

/**
 * JSON data as DynamoDB attributes. Attributes that are `undefined` are left out, as JSON does.
 * @throws an InputError that names the attribute for anything that is not JSON, and numbers that DynamoDB can't hold.
 */
export function itemOfRow(row: Readonly<Record<string, unknown>>): Item {
  return membersOf(row, "");
}

/** The JSON data of an item; sets and binary data, which we never write, become arrays and bytes. */
export function rowOfItem(item: Item): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, valueOf(value)]));
}

function membersOf(value: object, path: string): Item {
  const members: [string, AttributeValue][] = [];
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined)
      members.push([name, attributeOf(member, path === "" ? name : `${path}.${name}`)]);
  }
  return Object.fromEntries(members);
}

function attributeOf(value: unknown, path: string): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === "string") return { S: value };
  if (typeof value === "boolean") return { BOOL: value };
  if (typeof value === "number") return { N: numberText(value, path) };
  if (Array.isArray(value))
    return { L: value.map((element, index) => attributeOf(element, `${path}[${index}]`)) };
  if (isPlainObject(value)) return { M: membersOf(value, path) };
  throw unfit(
    path,
    `is ${describe(value)}`,
    "Give strings, finite numbers, booleans, null, arrays and plain objects.",
  );
}

function numberText(value: number, path: string): string {
  const magnitude = Math.abs(value);
  if (magnitude !== 0 && !(magnitude >= minMagnitude && magnitude <= maxMagnitude)) {
    throw unfit(
      path,
      `is the number ${value}`,
      "DynamoDB holds finite numbers from 1e-130 to 9.99e125; filter it out, or write it as text.",
    );
  }
  return String(value === 0 ? 0 : value);
}

function valueOf(attribute: AttributeValue): unknown {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.M !== undefined) return rowOfItem(attribute.M);
  if (attribute.L !== undefined) return attribute.L.map(valueOf);
  return attribute.SS ?? attribute.NS?.map(Number) ?? attribute.B ?? attribute.BS ?? null;
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  return typeof value === "object"
    ? `a ${value?.constructor.name ?? "object"}`
    : `a ${typeof value}`;
}

function unfit(path: string, what: string, next: string): MillraceError {
  return inputError("row-not-storable", {
    message: `The attribute "${path}" ${what}, which DynamoDB can't hold.`,
    next,
  });
}
