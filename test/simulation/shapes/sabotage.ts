import type { Appended, Dice, Outcome } from "../shape.ts";
import type { Firing } from "./firing.ts";

export interface Sabotage {
  readonly name: string;
  readonly outcome: Outcome;
}

/** Outcomes that each differ from a right one in a single place. */
export function sabotages(dice: Dice, outcome: Outcome): readonly Sabotage[] {
  return [
    ...[...outcome.tables].flatMap(([table, rows]) => ofTable(dice, { outcome, table, rows })),
    ...[...outcome.appended].flatMap(([stream, own]) => ofStream(dice, { outcome, stream, own })),
    ...[...outcome.files].flatMap(([folder, lines]) => ofFolder(dice, { outcome, folder, lines })),
    ...ofLetters(dice, outcome),
    ...[...outcome.state].flatMap(([name, entries]) => ofState(dice, { outcome, name, entries })),
  ];
}

type Row = Readonly<Record<string, unknown>>;

interface Table {
  readonly outcome: Outcome;
  readonly table: string;
  readonly rows: readonly Row[];
}

function ofTable(dice: Dice, { outcome, table, rows }: Table): Sabotage[] {
  if (rows.length === 0) return [];
  const at = dice.between(0, rows.length - 1);
  const row = rows[at]!;
  const field = dice.pick(Object.keys(row));
  const variants: [string, readonly Row[]][] = [
    ["loses a row", rows.toSpliced(at, 1)],
    ["has a row twice", [...rows, row]],
    ["has a row of nobody", [...rows, mapValues(row, changed)]],
    [`has another ${field} in a row`, rows.with(at, { ...row, [field]: changed(row[field]) })],
  ];
  return variants.map(([what, changedRows]) => ({
    name: `table ${table} ${what}`,
    outcome: { ...outcome, tables: new Map(outcome.tables).set(table, changedRows) },
  }));
}

interface Folder {
  readonly outcome: Outcome;
  readonly folder: string;
  readonly lines: readonly unknown[];
}

function ofFolder(dice: Dice, { outcome, folder, lines }: Folder): Sabotage[] {
  if (lines.length === 0) return [];
  const at = dice.between(0, lines.length - 1);
  const line = lines[at] as Row;
  const variants: [string, readonly unknown[]][] = [
    ["loses a line", lines.toSpliced(at, 1)],
    ["has a line twice", [...lines, line]],
    ["has a line of nobody", [...lines, mapValues(line, changed)]],
  ];
  return variants.map(([what, changedLines]) => ({
    name: `folder ${folder} ${what}`,
    outcome: { ...outcome, files: new Map(outcome.files).set(folder, changedLines) },
  }));
}

interface Stream {
  readonly outcome: Outcome;
  readonly stream: string;
  readonly own: Appended;
}

function ofStream(dice: Dice, { outcome, stream, own }: Stream): Sabotage[] {
  const { values } = own;
  const places = telling({ outcome, stream, own });
  if (places.length === 0 || values.length === 0) return [];
  const at = dice.pick(places);
  const value = values[at] as Row;
  // Of what is late only the id is looked at.
  const field = stream === "late" ? "id" : dice.pick(Object.keys(value));
  const variants: [string, readonly unknown[]][] = [
    ["loses a value", values.toSpliced(at, 1)],
    ["has a value twice", values.toSpliced(at, 0, value)],
    [
      `has another ${field} in a value`,
      values.with(at, { ...value, [field]: changed(value[field]) }),
    ],
  ];
  return variants.map(([what, changedValues]) => ({
    name: `stream ${stream} ${what}`,
    outcome: {
      ...outcome,
      appended: new Map(outcome.appended).set(stream, {
        values: changedValues,
        duplicates: own.duplicates,
      }),
    },
  }));
}

/**
 * Places of the values that can't be missing unseen. Nothing says at how many late items a window fires again, so only
 * the largest of its firings counts; and what is late is not to be told from what was lost with a window's timer.
 */
function telling({ outcome, stream, own }: Stream): readonly number[] {
  const all = [...own.values.keys()];
  if (stream === "firings") {
    const sizes = (own.values as readonly Firing[]).map(({ ids }) => ids.length);
    return [sizes.indexOf(Math.max(...sizes))];
  }
  const lossy = outcome.deadLetters.map(({ timer }) => timer?.key);
  return stream === "late"
    ? all.filter((at) => !lossy.includes((own.values[at] as { readonly key: string }).key))
    : all;
}

function ofLetters(dice: Dice, outcome: Outcome): Sabotage[] {
  // Copies of what fails while it is read may fail each, or not; and timers may fail more than once.
  const letters = outcome.deadLetters.filter(
    ({ timer, payload }) => timer === undefined && !payload.includes('"trap":"read"'),
  );
  if (letters.length === 0) return [];
  const letter = dice.pick(letters);
  const others = outcome.deadLetters.filter((other) => other !== letter);
  const variants: [string, Outcome["deadLetters"]][] = [
    ["lose one", others],
    ["have one twice", [...outcome.deadLetters, letter]],
    ["have one again elsewhere", [...outcome.deadLetters, { ...letter, sequence: "9999999" }]],
    ["have another payload", [...others, { ...letter, payload: `${letter.payload} ` + "!" }]],
    [
      "blame a timer",
      [
        ...others,
        { ...letter, timer: { stage: "nobody", name: "sabotage", key: "nobody", timeMs: 1 } },
      ],
    ],
  ];
  return variants.map(([what, deadLetters]) => ({
    name: `the dead letters ${what}`,
    outcome: { ...outcome, deadLetters },
  }));
}

interface State {
  readonly outcome: Outcome;
  readonly name: string;
  readonly entries: ReadonlyMap<string, unknown>;
}

function ofState(dice: Dice, { outcome, name, entries }: State): Sabotage[] {
  if (entries.size === 0) return [];
  const place = dice.pick([...entries.keys()]);
  const without = new Map(entries);
  without.delete(place);
  const variants: [string, ReadonlyMap<string, unknown>][] = [
    ["loses an entry", without],
    ["has another value", new Map(entries).set(place, changed(entries.get(place)))],
    ["has an entry of nobody", new Map(entries).set('["nobody"]', entries.get(place))],
  ];
  return variants.map(([what, own]) => ({
    name: `state ${name} ${what}`,
    outcome: { ...outcome, state: new Map(outcome.state).set(name, own) },
  }));
}

function changed(value: unknown): unknown {
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (Array.isArray(value)) return value.length === 0 ? ["of nobody"] : value.slice(1);
  if (typeof value === "object" && value !== null)
    return Object.keys(value).length === 0 ? { of: "nobody" } : mapValues(value as Row, changed);
  return `${String(value)}?`;
}

function mapValues(row: Row, change: (value: unknown) => unknown): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, change(value)]));
}
