import { inputError } from "../errors/millrace-error.ts";
import type { KeyedWrite, KeyType, TableKey } from "../ports/keyed-table.ts";
import { maxUnitBytes, utf8Bytes } from "./json-bytes.ts";
import { describe, isPlainObject, placeText } from "./json-copy.ts";

/**
 * What DynamoDB holds, and how it counts (AWS, DynamoDB developer guide: "Quotas in Amazon DynamoDB", "DynamoDB item sizes and
 * formats"). A sink checks it in the step that makes the row: there it becomes a dead letter. Every table checks it before it
 * writes, whatever it is kept in: what runs on this machine is what runs on AWS.
 */
export const maxItemBytes = 409_600;
/** Of an item, what the attributes take with which a table's writer marks it (docs/protocol.md 9.1). */
export const stampBytes = 200;
const maxNameBytes = 65_535;
/** A value that is an attribute is at the first level. */
const maxLevels = 32;
const maxKeyBytes = { partition: 2_048, sort: 1_024 };
/** No double has more than the 38 digits that DynamoDB keeps; from here on it is too large. */
const tooLarge = 1e126;
const minMagnitude = 1e-130;
/** More than any takes: 17 digits in pairs, a sign, and the byte that each has. */
const maxNumberBytes = 21;

/** What a table's writer keeps for itself. */
export const reservedAttributes: readonly string[] = ["_order", "_owner", "_deleted"];

export interface RowOfTable {
  readonly table: string;
  readonly row: Readonly<Record<string, unknown>>;
}

/** @throws MillraceError `row-not-storable`, naming the attribute, for what DynamoDB would refuse. */
export function checkStorable({ table, row }: RowOfTable): void {
  for (const name of reservedAttributes)
    if (Object.hasOwn(row, name)) refuse({ table, path: [name] }, "is kept for the table's writer");
  if (Object.hasOwn(row, "__proto__"))
    refuse({ table, path: ["__proto__"] }, "is lost by the AWS SDK for JavaScript when it is read");
  const bytesMax = maxItemBytes - stampBytes;
  // Most rows are small, which is told without counting the bytes of texts and the digits of numbers.
  if (membersBytes(row, { table, path: [], isExact: false }, 0) <= bytesMax) return;
  if (membersBytes(row, { table, path: [], isExact: true }, 0) > bytesMax)
    throw tooManyBytes(table);
}

/** As {@link checkStorable}, of the attributes that make up a row's key. */
export function checkStorableKey({ table, row }: RowOfTable, key: TableKey): void {
  for (const [at, { name, type }] of key.entries())
    checkKeyAttribute(row[name], {
      table,
      path: [name],
      type,
      place: at === 0 ? "partition" : "sort",
    });
}

/** As {@link checkStorable}, for a table's writer: the row is committed, and was checked by its sink. */
export function checkWrite(table: string, { key, row = {} }: KeyedWrite): void {
  const names = Object.keys(key).map((name) => ({ name }));
  checkStorableKey({ table, row: key }, names);
  checkStorable({ table, row: { ...row, ...key } });
}

/** Bytes of an item without the writer's attributes, as DynamoDB counts them. @throws MillraceError `row-not-storable` */
export function itemBytes(row: Readonly<Record<string, unknown>>): number {
  return membersBytes(row, { table: "", path: [], isExact: true }, 0);
}

interface Place {
  readonly table: string;
  readonly path: (string | number)[];
}

interface Storing extends Place {
  /** Bytes are counted; otherwise only bounded from above, up to the limit. */
  readonly isExact: boolean;
}

/** `overhead`: a map's members cost a byte each, an item's attributes don't. */
function membersBytes(members: object, storing: Storing, overhead: number): number {
  let bytes = 0;
  const names = Object.keys(members);
  const values: readonly unknown[] = Object.values(members);
  for (let at = 0; at < names.length; at++) {
    if (values[at] === undefined) continue;
    storing.path.push(names[at] as string);
    bytes += overhead + nameBytes(names[at] as string, storing) + valueBytes(values[at], storing);
    if (isTooMany(bytes, storing)) return bytes;
    storing.path.pop();
  }
  return bytes;
}

/** @throws MillraceError `row-not-storable`, where it was counted. */
function isTooMany(bytes: number, { isExact, table }: Storing): boolean {
  if (bytes <= maxItemBytes) return false;
  if (isExact) throw tooManyBytes(table);
  return true;
}

function textBytes(text: string, { isExact }: Storing): number | undefined {
  if (isExact) return utf8Bytes(text);
  return text.isWellFormed() ? text.length * maxUnitBytes : undefined;
}

function nameBytes(name: string, storing: Storing): number {
  const isLong = name.length * maxUnitBytes > maxNameBytes;
  const bytes = isLong ? utf8Bytes(name) : textBytes(name, storing);
  if (bytes === undefined) return refuse(storing, "has half of a surrogate pair in its name");
  if (bytes === 0) return refuse(storing, "has an empty name");
  if (bytes > maxNameBytes) return refuse(storing, `has a name of ${bytes} bytes`);
  return bytes;
}

function valueBytes(value: unknown, storing: Storing): number {
  if (typeof value === "string")
    return textBytes(value, storing) ?? refuse(storing, "holds half of a surrogate pair");
  if (typeof value === "number") {
    if (!isStorableNumber(value)) return refuse(storing, `is the number ${value}`);
    return storing.isExact ? numberBytes(value) : maxNumberBytes;
  }
  if (typeof value === "boolean" || value === null) return 1;
  const isArray = Array.isArray(value);
  if (!isArray && !isPlainObject(value)) return refuse(storing, `is ${describe(value)}`);
  if (levelOf(storing) >= maxLevels) return refuse(storing, `is nested below level ${maxLevels}`);
  return 3 + (isArray ? elementsBytes(value, storing) : membersBytes(value, storing, 1));
}

function elementsBytes(elements: readonly unknown[], storing: Storing): number {
  let bytes = 0;
  for (const [index, element] of elements.entries()) {
    storing.path.push(index);
    bytes += 1 + valueBytes(element, storing);
    if (isTooMany(bytes, storing)) return bytes;
    storing.path.pop();
  }
  return bytes;
}

const levelOf = ({ path }: Place): number => path.length;

/**
 * A byte, one more for each two digits, and one for a minus: digits in pairs from the decimal point, without the pairs of zeros
 * at both ends.
 */
export function numberBytes(value: number): number {
  const magnitude = Math.abs(value);
  if (magnitude === 0) return 1;
  return 1 + digitPairs(magnitude) + (value < 0 ? 1 : 0);
}

function digitPairs(magnitude: number): number {
  if (Number.isSafeInteger(magnitude)) {
    let rest = magnitude;
    while (rest % 100 === 0) rest /= 100;
    let pairs = 1;
    while ((rest = Math.floor(rest / 100)) > 0) pairs += 1;
    return pairs;
  }
  const [mantissa = "", exponent] = magnitude.toExponential().split("e");
  const digits = mantissa.length === 1 ? 1 : mantissa.length - 1;
  // With an even exponent the first digit has a pair to itself.
  return Number(exponent) % 2 === 0 ? 1 + Math.ceil((digits - 1) / 2) : Math.ceil(digits / 2);
}

function isStorableNumber(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude === 0 || (magnitude >= minMagnitude && magnitude < tooLarge);
}

interface StoringKey extends Place {
  readonly type: KeyType | undefined;
  readonly place: keyof typeof maxKeyBytes;
}

function checkKeyAttribute(value: unknown, storing: StoringKey): void {
  const { type, place } = storing;
  const isNumber = typeof value === "number" && isStorableNumber(value);
  if (typeof value !== "string" && !isNumber)
    return refuse(storing, `is ${shown(value)}, which can't be a key`);
  if (type !== undefined && typeof value !== type)
    return refuse(storing, `is ${shown(value)}, but the table's key is a ${type}`);
  if (isNumber) return;
  const bytes = utf8Bytes(value as string) ?? refuse(storing, "holds half of a surrogate pair");
  if (bytes === 0) return refuse(storing, "is an empty text, which can't be a key");
  if (bytes > maxKeyBytes[place])
    return refuse(storing, `has ${bytes} bytes; a ${place} key has ${maxKeyBytes[place]} at most`);
}

/** A value in a message: short, and never its content where that is a text. */
export function shown(value: unknown): string {
  if (typeof value === "number") return `the number ${value}`;
  if (typeof value === "bigint") return `the bigint ${value}`;
  if (typeof value === "string") return `a text of ${value.length} characters`;
  return value === null || typeof value === "boolean" ? String(value) : describe(value);
}

function refuse({ table, path }: Place, what: string): never {
  throw notStorable(`The attribute "${placeText(path)}" of a row for table "${table}" ${what}.`);
}

function tooManyBytes(table: string): Error {
  return notStorable(
    `A row for table "${table}" has more than ${maxItemBytes - stampBytes} bytes, as DynamoDB counts.`,
  );
}

function notStorable(message: string): Error {
  return inputError("row-not-storable", {
    message,
    next: "Make a row that DynamoDB can hold, with map before the sink or with its toRow: keys of their declared types, numbers from 1e-130 to 9.99e125, 32 levels, 400 KB.",
  });
}
