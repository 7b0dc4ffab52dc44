import { jobError } from "../errors/millrace-error.ts";
import type { KeyFields, KeyValue } from "../graph/key-value.ts";
import type { KeyByNode } from "../graph/node.ts";

/** Names of an element's fields whose values can be keys: none that may be missing or null. */
export type KeyFieldOf<T> = {
  [F in keyof T & string]-?: T[F] extends KeyValue ? F : never;
}[keyof T & string];

/** The key that a field makes. */
export type FieldKey<T, F extends keyof T> = Extract<T[F], KeyValue>;

/** The key that a list of fields makes: an array of their values, in order. */
export type FieldsKey<T, F extends readonly (keyof T)[]> = {
  readonly [I in keyof F]: FieldKey<T, F[I]>;
};

type Select = KeyByNode["select"];

/**
 * What a keyBy is given: a function, the name of a field, or a list of names.
 * @throws MillraceError `key-fields-invalid`
 */
export function keyOf(
  key: string | readonly string[] | Select,
): Pick<KeyByNode, "select" | "fields"> {
  if (typeof key !== "string" && !Array.isArray(key)) return { select: key as Select };
  const fields = fieldsOf(key);
  return { select: selectorOf(fields), fields };
}

/** Takes the named fields of an element. */
function selectorOf({ kind, fields }: KeyFields): Select {
  if (kind === "tuple") return (element) => fields.map((field) => element[field]);
  const [field] = fields;
  return (element) => element[field];
}

function fieldsOf(named: string | readonly string[]): KeyFields {
  if (typeof named === "string" && named !== "") return { kind: "field", fields: [named] };
  if (typeof named === "object" && isListOfNames(named))
    return { kind: "tuple", fields: Object.freeze([...named]) };
  throw jobError("key-fields-invalid", {
    message: `A key was to be made of ${JSON.stringify(named)}; it takes the name of a field, or a list of names, each once.`,
    next: 'Name fields of the element, as in keyBy("origin") or keyBy(["origin", "destination"]), or give a function.',
  });
}

function isListOfNames(named: readonly unknown[]): boolean {
  const isName = (field: unknown): boolean => typeof field === "string" && field !== "";
  return named.length > 0 && named.every(isName) && new Set(named).size === named.length;
}
