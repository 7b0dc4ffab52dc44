import type { StandardSchemaV1 } from "@standard-schema/spec";

type TextRow = Readonly<Record<string, string>>;

/** What a text of a table stands for: itself, a number, `true` or `false`, a document of JSON, nothing, or no field at all. */
type Meaning = "text" | "number" | "boolean" | "json" | "null" | "absent";

/** By column: what its texts mean, and what it means where there is none. */
interface Learnt {
  filled: Meaning;
  empty: Meaning;
}

/**
 * Makes JSON of a row of texts, with the types that the schema asks for: a text that it refuses becomes the number, truth value, document
 * or nothing that it is written as, if the schema takes that. Columns that were seen so are so from then on. What has no schema stays text.
 */
export function rowTyper(schema: StandardSchemaV1 | undefined): (row: TextRow) => string {
  if (schema === undefined || schema["~standard"].vendor === "millrace")
    return (row) => JSON.stringify(row);
  const learnt = new Map<string, Learnt>();
  return (row) => {
    learn(row, learnt, schema);
    return jsonOf(row, learnt);
  };
}

/** A nullable column may be an absent one, which is tried next: no column is tried more often. */
const triesMax = 3;

function learn(row: TextRow, learnt: Map<string, Learnt>, schema: StandardSchemaV1): void {
  const before = new Map([...learnt].map(([column, known]) => [column, { ...known }]));
  for (let tries = 0; tries < triesMax; tries++) {
    const refused = refusedColumns(valueOf(row, learnt), schema);
    if (refused.length === 0) return;
    const changed = refused.filter((column) => {
      const text = row[column];
      if (text === undefined) return false;
      const known = learnt.get(column) ?? { filled: "text", empty: "text" };
      const next = nextMeaning(text, known);
      if (next !== undefined) learnt.set(column, { ...known, ...next });
      return next !== undefined;
    });
    if (changed.length === 0) break;
  }
  // What did not help teaches nothing: the row is bad, not the column.
  const stillRefused = refusedColumns(valueOf(row, learnt), schema);
  for (const column of stillRefused) {
    const known = before.get(column);
    if (known === undefined) learnt.delete(column);
    else learnt.set(column, known);
  }
}

function nextMeaning(text: string, { filled, empty }: Learnt): Partial<Learnt> | undefined {
  if (text.trim() === "") {
    if (empty === "text") return { empty: "null" };
    return empty === "null" ? { empty: "absent" } : undefined;
  }
  if (filled !== "text") return undefined;
  const seems = seemingMeaning(text.trim());
  return seems === "text" ? undefined : { filled: seems };
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

function seemingMeaning(text: string): Meaning {
  if (/^(?:true|false)$/i.test(text)) return "boolean";
  if (isNumber(text)) return "number";
  return /^[[{]/.test(text) && parsed(text) !== undefined ? "json" : "text";
}

function isNumber(text: string): boolean {
  return (
    jsonNumber.test(text) ||
    (/^[+-]?(?:\d+\.?\d*|\.\d+)$/.test(text) && Number.isFinite(Number(text)))
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the text becomes as JSON; undefined where the column is left out. Digits stay as they are, however many. */
function jsonText(text: string, { filled, empty }: Learnt): string | undefined {
  const trimmed = text.trim();
  const meaning = trimmed === "" ? empty : filled;
  if (meaning === "absent") return undefined;
  if (meaning === "null") return "null";
  if (meaning === "number" && isNumber(trimmed))
    return jsonNumber.test(trimmed) ? trimmed : String(Number(trimmed));
  if (meaning === "boolean" && seemingMeaning(trimmed) === "boolean") return trimmed.toLowerCase();
  if (meaning === "json" && parsed(trimmed) !== undefined) return trimmed;
  return JSON.stringify(text);
}

const asText: Learnt = { filled: "text", empty: "text" };

function jsonOf(row: TextRow, learnt: ReadonlyMap<string, Learnt>): string {
  const fields = Object.entries(row).flatMap(([column, text]) => {
    const value = jsonText(text, learnt.get(column) ?? asText);
    return value === undefined ? [] : [`${JSON.stringify(column)}:${value}`];
  });
  return `{${fields.join(",")}}`;
}

function valueOf(row: TextRow, learnt: ReadonlyMap<string, Learnt>): unknown {
  return JSON.parse(jsonOf(row, learnt));
}

/** Columns that the schema names in what it has against a value; none where it has nothing, or can't be asked here. */
function refusedColumns(value: unknown, schema: StandardSchemaV1): readonly string[] {
  let result;
  try {
    result = schema["~standard"].validate(value);
  } catch {
    return [];
  }
  if (result instanceof Promise) {
    // The job's source refuses such a schema, and says so.
    result.catch(() => undefined);
    return [];
  }
  return (result.issues ?? []).flatMap(({ path }) => {
    const [step] = path ?? [];
    const name = typeof step === "object" ? step.key : step;
    return name === undefined ? [] : [String(name)];
  });
}
