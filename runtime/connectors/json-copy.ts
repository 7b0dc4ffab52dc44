import { inputError } from "../errors/millrace-error.ts";

/** Deeper than this DynamoDB doesn't nest either. */
const maxDepth = 32;

/**
 * A deep copy of JSON data, so that what user code changes later doesn't change what is written. Properties that are
 * undefined are left out, as JSON does.
 * @throws MillraceError `result-not-json` that names the place of whatever JSON would lose or change.
 */
export function jsonCopy(value: unknown, path: string, depth = 0): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw notJson(path, `the number ${value}`);
  }
  if (depth > maxDepth) throw notJson(path, `nested deeper than ${maxDepth} levels`);
  if (Array.isArray(value))
    return value.map((element, index) => jsonCopy(element, `${path}[${index}]`, depth + 1));
  if (!isPlainObject(value)) throw notJson(path, describe(value));
  const copy: [string, unknown][] = [];
  for (const [name, member] of Object.entries(value)) {
    if (member !== undefined) copy.push([name, jsonCopy(member, `${path}.${name}`, depth + 1)]);
  }
  return Object.fromEntries(copy);
}

/** True for object literals and what `JSON.parse` makes; false for arrays and instances of classes. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === null ||
    prototype === Object.prototype ||
    Object.getPrototypeOf(prototype) === null
  );
}

function describe(value: unknown): string {
  if (typeof value === "object" && value !== null) return `a ${value.constructor.name}`;
  return value === undefined ? "undefined" : `a ${typeof value}`;
}

function notJson(path: string, what: string): Error {
  return inputError("result-not-json", {
    message: `${path} is ${what}, which JSON can't hold.`,
    next: "Write strings, finite numbers, booleans, null, arrays and plain objects; turn anything else into one of these before the sink.",
  });
}
