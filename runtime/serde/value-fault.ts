import { inputError } from "../errors/millrace-error.ts";
import { hasNoFields, hasOnlyFields, isDense, kindOf } from "./value-kind.ts";

/**
 * Values may nest so deep: twice as deep as documents, since operators put what they are given into something. Without a bound of
 * our own it would be the stack's, and what was written here could not be read there.
 */
export const maxValueDepth = 1_000;

/** And hold so many objects: one that stands at many places counts at each, and a few levels of these make a trillion. */
export const maxValueObjects = 1_000_000;

/** Thrown by whoever writes or copies a value at the first thing that would not come back; {@link refuseValue} says which. */
export const refused = new Error("refused");

interface Fault {
  /** From the value on: ".order.items[3]"; empty for the value itself. */
  readonly path: string;
  readonly what: string;
  readonly isTooDeep?: true;
}

/**
 * Throws the error that names the place of what can't be kept.
 * @throws MillraceError `value-not-storable`, `value-too-deep`
 */
export function refuseValue(value: unknown, about: string): never {
  objectsLeft = maxValueObjects;
  const fault = faultIn(value, "", 0) ?? {
    path: "",
    what: "something that changes while it is read",
  };
  if (fault.isTooDeep === true)
    throw inputError("value-too-deep", {
      message: `${about}: value${fault.path} nests deeper than ${maxValueDepth} levels, or holds itself.`,
      next: "Keep and emit flatter values, for example lists of nodes that refer to each other by ids.",
    });
  throw inputError("value-not-storable", {
    message: `${about}: ${fault.path === "" ? "the value" : `value${fault.path}`} is ${fault.what}, which would not come back as it was.`,
    next: "Keep and emit plain data: primitives, plain objects, arrays, Map, Set, Date, typed arrays. Make a plain object of anything else.",
  });
}

/** Of the search that is under way. */
let objectsLeft = 0;

function faultIn(value: unknown, path: string, depth: number): Fault | undefined {
  if (typeof value === "function") return { path, what: "a function" };
  if (typeof value === "symbol") return { path, what: "a symbol" };
  if (typeof value !== "object" || value === null) return undefined;
  if (depth > maxValueDepth) return { path: shortened(path), what: "too deep", isTooDeep: true };
  if (objectsLeft-- <= 0) return { path: "", what: `one of more than ${maxValueObjects} objects` };
  try {
    return ownFault(value, path) ?? faultWithin(value, path, depth + 1);
  } catch (thrown) {
    return { path, what: `an object that can't be read (${textOf(thrown)})` };
  }
}

/** What is wrong with an object itself. */
function ownFault(value: object, path: string): Fault | undefined {
  const kind = kindOf(value);
  if (kind === undefined) return { path, what: `an instance of ${classOf(value)}` };
  if (kind === "record" || kind === "bare")
    return hasOnlyFields(value, Object.keys(value).length)
      ? undefined
      : { path, what: "an object with a symbol or a hidden property as a field" };
  if (kind === "array")
    return isDense(value as unknown[])
      ? undefined
      : { path, what: "an array with gaps or with properties beside its elements" };
  if (hasNoFields(value, kind)) return undefined;
  return { path, what: `a ${classOf(value)} with more than its content` };
}

function faultWithin(value: object, path: string, depth: number): Fault | undefined {
  for (const [step, inner] of partsOf(value)) {
    const fault = faultIn(inner, path + step, depth);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function* partsOf(value: object): IterableIterator<readonly [step: string, part: unknown]> {
  switch (kindOf(value)) {
    case "array":
      for (const [index, part] of (value as unknown[]).entries()) yield [`[${index}]`, part];
      return;
    case "map":
      for (const [key, part] of value as Map<unknown, unknown>) {
        yield [".keys()", key];
        yield [`.get(${textOf(key)})`, part];
      }
      return;
    case "set":
      for (const part of value as Set<unknown>) yield [".values()", part];
      return;
    case "record":
    case "bare":
      for (const [name, part] of Object.entries(value)) yield [stepTo(name), part];
      return;
    default:
  }
}

function stepTo(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function classOf(value: object): string {
  const made: unknown = (Object.getPrototypeOf(value) as { constructor?: unknown } | null)
    ?.constructor;
  return typeof made === "function" && made.name !== "" ? made.name : "a class without a name";
}

function textOf(part: unknown): string {
  try {
    return typeof part === "string" ? JSON.stringify(part) : String(part);
  } catch {
    return "…";
  }
}

const pathMax = 80;

function shortened(path: string): string {
  return path.length > pathMax ? `${path.slice(0, pathMax)}…` : path;
}
