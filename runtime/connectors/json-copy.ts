import { inputError } from "../errors/millrace-error.ts";
import { isFields } from "../serde/fields.ts";
import { hasOnlyFields, kindOf } from "../serde/value-kind.ts";
import { withFields } from "../serde/with-fields.ts";

/** Deeper than any sink takes; a cycle ends here. */
const maxDepth = 100;
/** A value takes two bytes of JSON at least, so that more than these don't fit into any row or record. */
const maxValues = 500_000;

/**
 * A deep copy of JSON data, so that what user code changes later doesn't change what is written. Properties that are
 * undefined are left out, as JSON does. `name` is what messages call the whole.
 * @throws MillraceError `result-not-json` that names the place of whatever JSON would lose or change.
 */
export function jsonCopy(value: unknown, name: string): unknown {
  return copyOf(value, { name, path: [], values: 0 });
}

/** How far a copy has come. */
interface Copying {
  readonly name: string;
  readonly path: (string | number)[];
  values: number;
}

function copyOf(value: unknown, copying: Copying): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
    throw notJson(copying, `the number ${value}`);
  }
  const { path } = copying;
  if (path.length > maxDepth) throw notJson(copying, `nested deeper than ${maxDepth} levels`);
  if (Array.isArray(value)) {
    // Holes are seen as undefined, not passed over.
    const copy = Array.from(value, (element: unknown, index) => memberOf(element, index, copying));
    // Beside its elements it has its length.
    if (Reflect.ownKeys(value).length !== copy.length + 1)
      throw notJson(copying, "an array with fields of its own");
    return copy;
  }
  if (!isPlainObject(value)) throw notJson(copying, describe(value));
  return copyOfRecord(value, copying);
}

function copyOfRecord(record: Readonly<Record<string, unknown>>, copying: Copying): unknown {
  const names = Object.keys(record);
  const members = Object.values(record);
  if (!hasOnlyFields(record, names.length)) throw notJson(copying, "an object with hidden fields");
  const copy: Record<string, unknown> = {};
  for (let at = 0; at < names.length; at++) {
    const name = names[at] as string;
    const member = members[at];
    if (member === undefined) continue;
    const own = memberOf(member, name, copying);
    if (name === "__proto__") withFields(copy, [name, own]);
    else copy[name] = own;
  }
  return copy;
}

/** Shared parts are copied as often as they occur: what is small in memory may be without end as a tree. */
function memberOf(value: unknown, name: string | number, copying: Copying): unknown {
  copying.path.push(name);
  if (++copying.values > maxValues) throw notJson(copying, `after more than ${maxValues} values`);
  const copy = copyOf(value, copying);
  copying.path.pop();
  return copy;
}

/** True for object literals and what `JSON.parse` makes; false for arrays and instances of classes. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isFields(value)) return false;
  const kind = kindOf(value);
  return kind === "record" || kind === "bare";
}

/** A place in JSON data: `stats.means[1]`. */
export function placeText(path: readonly (string | number)[]): string {
  const text = path
    .map((part, at) => (typeof part === "number" ? `[${part}]` : at === 0 ? part : `.${part}`))
    .join("");
  return text.length > placeTextMax ? `${text.slice(0, placeTextMax)}…` : text;
}

/** A place may be named by whoever sends the data: longer ones would hide what a message says of them. */
const placeTextMax = 200;

/** What a value is, where it is none of JSON's. */
export function describe(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (isPlainObject(value)) return "an object";
  if (typeof value === "object" && value !== null) {
    const name: unknown = (value.constructor as { readonly name?: unknown } | undefined)?.name;
    return `a ${typeof name === "string" ? name : "object"}`;
  }
  return value === undefined ? "undefined" : `a ${typeof value}`;
}

function notJson({ name, path }: Copying, what: string): Error {
  return inputError("result-not-json", {
    message: `${placeText([name, ...path])} is ${what}, which JSON can't hold.`,
    next: "Write strings, finite numbers, booleans, null, arrays and plain objects; turn anything else into one of these before the sink.",
  });
}
