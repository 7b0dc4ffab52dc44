import { stateError } from "../errors/millrace-error.ts";
import type { ControlRow, JsonValue } from "../ports/index.ts";
import { withFields } from "./with-fields.ts";

/** Format of the values of control rows: the newest that this code writes and reads. */
const controlFormat = 1;

/** A value as a control row holds it: JSON, with the version of its format. */
export function toControlValue(value: object): JsonValue {
  return recordOf({ format: controlFormat, ...value });
}

/** What JSON would bring back of a value; undefined where it leaves it out. To write the text and parse it takes three times as long. */
function jsonOf(value: unknown): JsonValue | undefined {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  // Adding 0 makes one zero of the two.
  if (typeof value === "number") return Number.isFinite(value) ? value + 0 : null;
  if (Array.isArray(value)) return value.map((element) => jsonOf(element) ?? null);
  return typeof value === "object" ? recordOf(value) : undefined;
}

function recordOf(fields: object): JsonValue {
  const record: Record<string, JsonValue> = {};
  for (const name of Object.keys(fields)) {
    const value = jsonOf((fields as Readonly<Record<string, unknown>>)[name]);
    if (value === undefined) continue;
    if (name === "__proto__") withFields(record, [name, value]);
    else record[name] = value;
  }
  return record;
}

/**
 * The value of a control row.
 * @throws MillraceError `format-unknown` for a row that a newer version wrote.
 */
export function fromControlValue<T>(row: ControlRow): T {
  const { format, ...value } = row.value as { readonly format?: number };
  if (format === undefined || format > controlFormat) {
    throw stateError("format-unknown", {
      message: `Row ${row.sort} of ${row.partition} has format ${format ?? "none"}, and this version reads up to ${controlFormat}.`,
      next: "Run a version of Millrace at least as new as the one that wrote it.",
    });
  }
  return value as T;
}
