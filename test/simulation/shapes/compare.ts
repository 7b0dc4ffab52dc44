import type { DeadLetter } from "../../../runtime/job/dead-letter.ts";
import { type Outcome, stateKey } from "../shape.ts";
import { type Item, trapReason } from "./item.ts";

/** So many differences of one kind are told. */
const toldMax = 4;
const shownMax = 240;

/** Like JSON, with the fields in alphabetical order: equal texts mean equal data. */
export function canonical(value: unknown): string {
  if (typeof value === "number") return `${value}`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "undefined";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  let members = "";
  for (const name of Object.keys(value).sort()) {
    const member = (value as Readonly<Record<string, unknown>>)[name];
    if (member !== undefined) members += `${name}:${canonical(member)},`;
  }
  return `{${members}}`;
}

/** What a collection lacks and has too much of, how often each. */
export function differences(
  what: string,
  expected: Iterable<string>,
  found: Iterable<string>,
): string[] {
  const counts = new Map<string, number>();
  for (const text of expected) counts.set(text, (counts.get(text) ?? 0) + 1);
  for (const text of found) counts.set(text, (counts.get(text) ?? 0) - 1);
  const missing: string[] = [];
  const surplus: string[] = [];
  for (const [text, count] of counts) {
    if (count > 0) missing.push(count === 1 ? shown(text) : `${count} times ${shown(text)}`);
    if (count < 0) surplus.push(count === -1 ? shown(text) : `${-count} times ${shown(text)}`);
  }
  return [...told(`${what} lacks`, missing), ...told(`${what} has too much:`, surplus)];
}

export function told(what: string, list: readonly string[]): string[] {
  if (list.length === 0) return [];
  const rest = list.length > toldMax ? ` and ${list.length - toldMax} more` : "";
  return [`${what} ${list.slice(0, toldMax).join("; ")}${rest}.`];
}

/** Ids as a message names them. */
export function listed(ids: Iterable<string>): string {
  return shown([...ids].join(","));
}

export function shown(text: string): string {
  return text.length <= shownMax ? text : `${text.slice(0, shownMax)}… (${text.length} characters)`;
}

export function rowDifferences(
  { tables }: Outcome,
  table: string,
  expected: Iterable<unknown>,
): string[] {
  return differences(
    `Table ${table}`,
    Array.from(expected, canonical),
    (tables.get(table) ?? []).map(canonical),
  );
}

export function appendedTo<T>({ appended }: Outcome, stream: string): readonly T[] {
  return (appended.get(stream)?.values ?? []) as readonly T[];
}

/** What was appended before a job was taken back, and has not come again: what it wrote besides may stand where nothing came after it. */
export function abandonedIn<T>({ appended }: Outcome, stream: string): readonly T[] {
  const { values = [], abandoned = [] } = appended.get(stream) ?? {};
  const again = new Set(values.map(canonical));
  return abandoned.filter((value) => !again.has(canonical(value))) as T[];
}

export function streamDifferences(
  outcome: Outcome,
  stream: string,
  expected: Iterable<unknown>,
): string[] {
  return differences(
    `Stream ${stream}`,
    Array.from(expected, canonical),
    appendedTo(outcome, stream).map(canonical),
  );
}

export function fileDifferences(
  { files }: Outcome,
  folder: string,
  expected: Iterable<unknown>,
): string[] {
  return differences(
    `Folder ${folder}`,
    Array.from(expected, canonical),
    (files.get(folder) ?? []).map(canonical),
  );
}

/** Entries of a state, by key and map key. */
export function stateDifferences(
  { state }: Outcome,
  name: string,
  expected: Iterable<readonly [key: unknown, mapKey: unknown, value: unknown]>,
): string[] {
  return differences(
    `State ${name}`,
    Array.from(expected, ([key, mapKey, value]) => `${stateKey(key, mapKey)} ${canonical(value)}`),
    Array.from(state.get(name) ?? [], ([place, value]) => `${place} ${canonical(value)}`),
  );
}

/** What `checkOrder` remembers in the end: entries of the state, by key and producer. */
export function lastNumbers(
  taken: ReadonlyMap<string, readonly Item[]>,
): (readonly [key: string, from: string, seq: number])[] {
  return [...taken].flatMap(([key, items]) =>
    Array.from(
      new Map(items.map(({ from, seq }) => [from, seq])),
      ([from, seq]) => [key, from, seq] as const,
    ),
  );
}

/** What a dead letter has to say, apart from its place. */
export function letterText({ kind, operator, payload, timer, input }: DeadLetter): string {
  if (kind === "undecodable" && timer === undefined) return refusedText(payload);
  // A timer that stands for elements fails on one of them.
  if (timer !== undefined && input !== undefined) return `${operator} ${canonicalPayload(input)}`;
  if (timer !== undefined) return `timer of ${operator} ${canonical(timer.key)} ${timer.timeMs}`;
  return `${operator} ${canonicalPayload(payload)}`;
}

function canonicalPayload(payload: string): string {
  try {
    return canonical(JSON.parse(payload));
  } catch {
    return payload;
  }
}

export function refusedText(payload: string): string {
  return `undecodable ${payload}`;
}

/** The text of the dead letter of an element on which an operator's code throws. */
export function trappedText(operator: string, element: unknown): string {
  return `${operator} ${canonical(element)}`;
}

/** The letters of an operator's timers that were written off: what they took along is for the shape to account for. */
export function timerLetters({ deadLetters }: Outcome, uid: string): string[] {
  return deadLetters
    .filter(({ operator, timer }) => operator === uid && timer !== undefined)
    .map(letterText);
}

/** Dead letters must be exactly these. */
export function letterDifferences(outcome: Outcome, expected: Iterable<string>): string[] {
  return [
    ...differences("The dead letters", expected, outcome.deadLetters.map(letterText)),
    ...misplaced(outcome.deadLetters),
  ];
}

/** Each place of a shard has one letter at most, and traps give their reason. */
function misplaced(letters: readonly DeadLetter[]): string[] {
  const places = new Set<string>();
  const wrong: string[] = [];
  for (const letter of letters) {
    const { slot, sequence, element, timer, kind, payload, reason, input } = letter;
    const due = timer === undefined ? null : [timer, input ?? null];
    const place = `${slot} ${sequence}/${element} ${canonical(due)}`;
    if (places.has(place)) wrong.push(`two letters of ${place}`);
    places.add(place);
    const trap = kind === "user-code" && timer === undefined ? trapOf(payload) : undefined;
    // A call that is never answered fails for that, whatever trap lies in its item.
    const isTrapped = !reason.includes("has had no answer");
    if (
      isTrapped &&
      trap !== undefined &&
      trap !== "misaligned" &&
      !reason.includes(trapReason(trap))
    )
      wrong.push(`${shown(payload)} with the reason "${reason}"`);
  }
  return told("Among the dead letters are", wrong);
}

function trapOf(payload: string): string | undefined {
  try {
    return (JSON.parse(payload) as Partial<Item>).trap;
  } catch {
    return undefined;
  }
}
