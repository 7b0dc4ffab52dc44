import { inputError } from "../errors/millrace-error.ts";
import { jsonFits, textFits } from "./json-bytes.ts";

/**
 * What DynamoDB holds (AWS: "Service, account, and table quotas in Amazon DynamoDB"). It is checked in the step that makes
 * the row: there it becomes a dead letter, while a committed row that can't be written would hold up its slot for good.
 */
const maxItemBytes = 409_600;
/** The row's bookkeeping, and what attribute types take that JSON doesn't show. */
const itemMarginBytes = 9_600;
const maxKeyBytes = 1_024;
const maxMagnitude = 9.99e125;
const minMagnitude = 1e-130;

/** Whether a value can be a key attribute: a number, or a text of 1 to 1,024 bytes. */
export function isKeyAttribute(value: unknown): value is string | number {
  if (typeof value === "number") return isStorableNumber(value);
  return typeof value === "string" && value.length > 0 && textFits(value, maxKeyBytes);
}

/** @throws MillraceError `row-not-storable` for rows that are too large, and for numbers that are too large or too small. */
export function checkStorable(table: string, row: unknown): void {
  if (!jsonFits(row, maxItemBytes - itemMarginBytes))
    throw notStorable(
      `A row for table "${table}" is larger than 400,000 bytes, which DynamoDB can't hold.`,
    );
  const unfit = firstUnfitNumber(row);
  if (unfit !== undefined)
    throw notStorable(
      `A row for table "${table}" holds the number ${unfit}; DynamoDB's go from 1e-130 to 9.99e125.`,
    );
}

function firstUnfitNumber(value: unknown): number | undefined {
  if (typeof value === "number") return isStorableNumber(value) ? undefined : value;
  if (typeof value !== "object" || value === null) return undefined;
  for (const member of Object.values(value)) {
    const unfit = firstUnfitNumber(member);
    if (unfit !== undefined) return unfit;
  }
  return undefined;
}

function isStorableNumber(value: number): boolean {
  const magnitude = Math.abs(value);
  return magnitude === 0 || (magnitude >= minMagnitude && magnitude <= maxMagnitude);
}

function notStorable(message: string): Error {
  return inputError("row-not-storable", {
    message,
    next: "Make a smaller row, or round or filter the number, with map before the sink or with its toRow.",
  });
}
