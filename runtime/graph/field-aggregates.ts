import { inputError } from "../errors/millrace-error.ts";
import { valueText } from "../errors/value-text.ts";
import type { ReduceFunction } from "./functions.ts";

/** What `sum` adds up. */
export type Summable = number | bigint;
/** What has an order of its own: numbers, texts by their UTF-16 units, times. */
export type Comparable = number | bigint | string | boolean | Date;

type Fields = Record<string, unknown>;

/** Flink's `sum`: the first element of the key, with the sum of all in the field. Backwards it takes a value out again. */
export function summing(field: string, sign: 1 | -1): ReduceFunction<Fields> {
  return (accumulated, value) => {
    const [sum, one] = [summableIn(accumulated, field), summableIn(value, field)];
    if (typeof sum !== typeof one) throw notOfOneKind(field, sum, one);
    accumulated[field] = sign === 1 ? plus(sum, one) : minus(sum, one);
    return accumulated;
  };
}

/** Flink's `min` and `max`: the first element of the key, with the least or greatest of all in the field. */
export function extreme(field: string, sign: 1 | -1): ReduceFunction<Fields> {
  return (accumulated, value) => {
    if (sign * compareIn(field, value, accumulated) < 0) accumulated[field] = value[field];
    return accumulated;
  };
}

/** Flink's `minBy` and `maxBy`: the element that has it; of several the first one, or the last. */
export function extremeBy(
  field: string,
  sign: 1 | -1,
  takes: "first" | "last",
): ReduceFunction<Fields> {
  return (accumulated, value) => {
    const order = sign * compareIn(field, value, accumulated);
    return order < 0 || (order === 0 && takes === "last") ? value : accumulated;
  };
}

const plus = (one: Summable, other: Summable): Summable =>
  typeof one === "bigint" ? one + (other as bigint) : one + (other as number);
const minus = (one: Summable, other: Summable): Summable =>
  typeof one === "bigint" ? one - (other as bigint) : one - (other as number);

function summableIn(element: Fields, field: string): Summable {
  const value = element[field];
  if (typeof value === "number" || typeof value === "bigint") return value;
  throw unfit(field, value, "a number");
}

/** As Java compares: NaN is above all numbers. */
function compareIn(field: string, left: Fields, right: Fields): number {
  const [one, other] = [comparableIn(left, field), comparableIn(right, field)];
  if (typeof one !== typeof other) throw notOfOneKind(field, other, one);
  if (one < other) return -1;
  if (one > other) return 1;
  return Number(Number.isNaN(one)) - Number(Number.isNaN(other));
}

function comparableIn(element: Fields, field: string): Exclude<Comparable, Date> {
  const value = element[field];
  if (value instanceof Date) return value.getTime();
  const kind = typeof value;
  if (kind === "number" || kind === "bigint" || kind === "string" || kind === "boolean")
    return value as Exclude<Comparable, Date>;
  throw unfit(field, value, "a number, a text or a time");
}

/** Refuses what an aggregate of the field could not go on from. */
export const checkSummable =
  (field: string) =>
  (value: Fields): void =>
    void summableIn(value, field);
export const checkComparable =
  (field: string) =>
  (value: Fields): void =>
    void comparableIn(value, field);

const shownMax = 200;

function unfit(field: string, value: unknown, wanted: string): Error {
  return inputError("field-not-comparable", {
    message: `The field "${field}" of an element is ${valueText(value, shownMax).text}; it must be ${wanted}.`,
    next: "Filter such elements out before, or give the field a value with map.",
  });
}

function notOfOneKind(field: string, before: unknown, now: unknown): Error {
  return inputError("field-not-comparable", {
    message: `The field "${field}" of an element is a ${typeof now}, and was a ${typeof before} before.`,
    next: "Make them one type with map.",
  });
}
