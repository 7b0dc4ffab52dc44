import { inputError } from "../errors/millrace-error.ts";

/** Documents may nest so deep: what walks them may be recursive. */
export const nestingMax = 500;

/** What becomes of integers that a JavaScript number can't hold: refused, read as bigints, or as texts of their digits. */
export type LargeIntegers = "refuse" | "bigint" | "text";

/**
 * `JSON.parse` for documents of strangers.
 * @throws SyntaxError; MillraceError `document-too-deep`, `integer-too-large`, `number-too-large`
 */
export function parseJson(text: string, largeIntegers: LargeIntegers): unknown {
  if (nestsTooDeep(text)) throw tooDeep();
  const parsed: unknown = JSON.parse(text);
  if (!holdsUnsafeNumber(parsed)) return parsed;
  if (!longDigits.test(text) && !longExponent.test(text)) return parsed;
  return JSON.parse(text, (_, value: unknown, { source }: ReviverContext = {}) => {
    if (typeof value !== "number" || source === undefined) return value;
    if (isLargeInteger(source)) return readLargeInteger(source, largeIntegers);
    if (!Number.isFinite(value)) throw beyondNumbers(source);
    return value;
  });
}

/** ECMAScript 2026: the text that a primitive value was read from. */
interface ReviverContext {
  readonly source?: string;
}

function readLargeInteger(source: string, largeIntegers: LargeIntegers): bigint | string {
  if (largeIntegers === "refuse") throw tooLarge(source);
  const digits = source.replace(zeroFraction, "");
  return largeIntegers === "bigint" ? BigInt(digits) : digits;
}

/** Short texts can't, and most others have few brackets: these are counted before anything is looked at closely. */
function nestsTooDeep(text: string): boolean {
  if (text.length <= 2 * nestingMax) return false;
  const opened = countUpTo(text, "[", nestingMax) + countUpTo(text, "{", nestingMax);
  return opened > nestingMax && depthOf(text) > nestingMax;
}

function countUpTo(text: string, mark: string, max: number): number {
  let count = 0;
  for (let at = text.indexOf(mark); at !== -1 && count <= max; at = text.indexOf(mark, at + 1))
    count += 1;
  return count;
}

/** How deep brackets nest outside of texts; no more than one above the bound. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inText = false;
  for (let at = 0; at < text.length && deepest <= nestingMax; at++) {
    const mark = text[at];
    if (inText) {
      if (mark === "\\") at += 1;
      else if (mark === '"') inText = false;
    } else if (mark === '"') inText = true;
    else if (mark === "[" || mark === "{") deepest = Math.max(deepest, ++depth);
    else if (mark === "]" || mark === "}") depth -= 1;
  }
  return deepest;
}

const largestSafe = String(Number.MAX_SAFE_INTEGER);
/** 9,007,199,254,740,991 has so many digits. */
const digitsMin = largestSafe.length;
/** What comes to infinity has so large an exponent, or so many digits. */
const longExponent = /[eE]\+?\d{3}/;
const longDigits = new RegExp(`\\d{${digitsMin}}`);

/** What was parsed is looked through, which takes a fraction of the time that its text would: what is too large stays so when it is rounded. */
function holdsUnsafeNumber(parsed: unknown): boolean {
  if (typeof parsed === "number") return isUnsafe(parsed);
  if (typeof parsed !== "object" || parsed === null) return false;
  if (Array.isArray(parsed)) return parsed.some(holdsUnsafeNumber);
  const record = parsed as Readonly<Record<string, unknown>>;
  // The fastest way to all values. JSON makes no records that inherit.
  for (const name in record) {
    const value = record[name];
    if (
      typeof value === "number"
        ? isUnsafe(value)
        : typeof value === "object" && holdsUnsafeNumber(value)
    )
      return true;
  }
  return false;
}

function isUnsafe(value: number): boolean {
  return value > Number.MAX_SAFE_INTEGER || value < -Number.MAX_SAFE_INTEGER;
}

/** Some writers put ".0" behind what they take for a fraction. */
const zeroFraction = /\.0+$/;

function isLargeInteger(source: string): boolean {
  const digits = source.replace("-", "").replace(zeroFraction, "");
  if (digits.length < digitsMin || !/^\d+$/.test(digits)) return false;
  return digits.length > digitsMin || digits > largestSafe;
}

function tooDeep(): Error {
  return inputError("document-too-deep", {
    message: `It nests deeper than ${nestingMax} levels.`,
    next: "Have the producer write flatter documents.",
  });
}

function beyondNumbers(source: string): Error {
  return inputError("number-too-large", {
    message: `It holds the number ${source.slice(0, 100)}, which would become infinite.`,
    next: "Have the producer write it as a text, or leave it out.",
  });
}

function tooLarge(source: string): Error {
  return inputError("integer-too-large", {
    message: `It holds the integer ${source.slice(0, 100)}, which a number can't: two of them would be one.`,
    next: 'Give the source largeIntegers: "bigint" or "text", and a schema that takes it.',
  });
}
