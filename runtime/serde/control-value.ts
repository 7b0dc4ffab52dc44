import { stateError } from "../errors/millrace-error.ts";
import type { ControlRow, JsonValue } from "../ports/index.ts";

/** Format of the values of control rows: the newest that this code writes and reads. */
const controlFormat = 1;

/** A value as a control row holds it: JSON, with the version of its format. */
export function toControlValue(value: object): JsonValue {
  return JSON.parse(JSON.stringify({ format: controlFormat, ...value })) as JsonValue;
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
