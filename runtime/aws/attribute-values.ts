import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "./conditional-put.ts";

/** JSON data as DynamoDB attributes; it was checked to be storable. Attributes that are `undefined` are left out, as JSON does. */
export function itemOfRow(row: Readonly<Record<string, unknown>>): Item {
  const members = Object.entries(row).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, attributeOf(member)]));
}

/** The JSON data of an item; sets and binary data, which we never write, become arrays and bytes. */
export function rowOfItem(item: Item): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, valueOf(value)]));
}

function attributeOf(value: unknown): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === "string") return { S: value };
  if (typeof value === "boolean") return { BOOL: value };
  if (typeof value === "number") return { N: String(value === 0 ? 0 : value) };
  if (Array.isArray(value)) return { L: value.map(attributeOf) };
  return { M: itemOfRow(value as Readonly<Record<string, unknown>>) };
}

function valueOf(attribute: AttributeValue): unknown {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.M !== undefined) return rowOfItem(attribute.M);
  if (attribute.L !== undefined) return attribute.L.map(valueOf);
  return attribute.SS ?? attribute.NS?.map(Number) ?? attribute.B ?? attribute.BS ?? null;
}
