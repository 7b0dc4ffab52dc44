import { makesRecords } from "../graph/only-reads.ts";
import { maxValueDepth, maxValueObjects, refused, refuseValue } from "./value-fault.ts";
import { fieldCount, hasNoFields, isDense, kindOf, type TypedArray } from "./value-kind.ts";

/**
 * A copy that shares nothing with the value: what user code does to the one never shows in the other. It is what the value would be
 * when it had been written and read again; `about` says what is copied, for the error.
 * @throws MillraceError `value-not-storable` that names the place of whatever would not come back.
 */
export function copyValue<T>(value: T, about: string): T {
  if (isPrimitive(value)) return value;
  objectsLeft = maxValueObjects;
  try {
    return copyPart(value, 0, refuse) as T;
  } catch (thrown) {
    if (thrown !== refused) throw thrown;
    return refuseValue(value, about);
  }
}

/**
 * The same for all answers of one function. A record that it makes anew each time, with nothing but primitives in it, is its taker's
 * already.
 */
export function copierOfAnswers(
  fn: (...values: never[]) => unknown,
  about: string,
): (answer: unknown) => unknown {
  if (!makesRecords(fn)) return (answer) => copyValue(answer, about);
  return (answer) =>
    holdsPrimitives(answer as Readonly<Record<string, unknown>>)
      ? answer
      : copyValue(answer, about);
}

function holdsPrimitives(record: Readonly<Record<string, unknown>>): boolean {
  for (const name in record) if (!isPrimitive(record[name])) return false;
  return true;
}

/**
 * The same for what is handed on within one slot and neither kept nor sent: objects of classes are passed on as they are, with the
 * plain data around them copied.
 */
export function copyInPassing<T>(value: T): T {
  if (isPrimitive(value)) return value;
  objectsLeft = maxValueObjects;
  try {
    return copyPart(value, 0, pass) as T;
  } catch {
    // It holds itself, or throws when it is read: whoever is in need of it fails, with its name.
    return value;
  }
}

function isPrimitive(value: unknown): boolean {
  return typeof value === "object"
    ? value === null
    : typeof value !== "function" && typeof value !== "symbol";
}

/** Of the copy that is being made. */
let objectsLeft = 0;

/** What becomes of something that would not come back. */
type Otherwise = (part: unknown) => unknown;

function refuse(): never {
  throw refused;
}

function pass(part: unknown): unknown {
  return part;
}

function copyPart(part: unknown, depth: number, otherwise: Otherwise): unknown {
  if (typeof part !== "object")
    return typeof part === "function" || typeof part === "symbol" ? otherwise(part) : part;
  if (part === null) return null;
  if (depth > maxValueDepth || objectsLeft-- <= 0) throw refused;
  if (Object.getPrototypeOf(part) === Object.prototype) return copyRecord(part, depth, otherwise);
  return copyOther(part, depth, otherwise);
}

function copyRecord(record: object, depth: number, otherwise: Otherwise): unknown {
  const copy: Record<string, unknown> = { ...record };
  const count = fieldCount(record);
  let copied = 0;
  let last: string | undefined;
  // Faster than a list of the names. What is inherited comes behind all that is the copy's own.
  for (const name in copy) {
    if (copied === count) break;
    copied += 1;
    last = name;
    const member = copy[name];
    if (typeof member === "object" || typeof member === "function" || typeof member === "symbol")
      copy[name] = copyPart(member, depth + 1, otherwise);
  }
  const isWhole = copied === count && (last === undefined || Object.hasOwn(copy, last));
  return isWhole ? copy : otherwise(record);
}

function copyArray(array: readonly unknown[], depth: number, otherwise: Otherwise): unknown {
  const copy = array.slice();
  for (let at = 0; at < copy.length; at++) {
    // Not by index: V8 would turn an array of numbers into one of objects, three times as large (message-writer.ts).
    const element = copy.at(at);
    if (typeof element === "object" || typeof element === "function" || typeof element === "symbol")
      copy[at] = copyPart(element, depth + 1, otherwise);
  }
  return copy;
}

function copyOther(value: object, depth: number, otherwise: Otherwise): unknown {
  const copyInner = (part: unknown) => copyPart(part, depth + 1, otherwise);
  const kind = kindOf(value);
  switch (kind) {
    case undefined:
      return otherwise(value);
    case "record":
      return copyRecord(value, depth, otherwise);
    case "bare": {
      const copy = copyRecord(value, depth, otherwise);
      return copy === value ? value : Object.setPrototypeOf(copy, null);
    }
    case "array":
      return isDense(value as unknown[])
        ? copyArray(value as unknown[], depth, otherwise)
        : otherwise(value);
    default:
      break;
  }
  if (!hasNoFields(value, kind)) return otherwise(value);
  switch (kind) {
    case "map":
      return new Map(
        Array.from(value as Map<unknown, unknown>, ([key, part]) => [
          copyInner(key),
          copyInner(part),
        ]),
      );
    case "set":
      return new Set(Array.from(value as Set<unknown>, copyInner));
    case "date":
      return new Date((value as Date).getTime());
    case "regExp":
      return new RegExp(value as RegExp);
    case "typedArray":
      return (value as TypedArray).slice();
    case "arrayBuffer":
      return (value as ArrayBuffer).slice(0);
    case "dataView": {
      const { buffer, byteOffset, byteLength } = value as DataView<ArrayBuffer>;
      return new DataView(buffer.slice(byteOffset, byteOffset + byteLength));
    }
  }
}
