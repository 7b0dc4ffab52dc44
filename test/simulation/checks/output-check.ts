import { keyText } from "../../../runtime/embedded/row-text.ts";
import type { DeadLetter } from "../../../runtime/job/dead-letter.ts";
import { packDeadLetters, unpackDeadLetters } from "../../../runtime/job/dead-letter-objects.ts";
import { objectPrefixes } from "../../../runtime/layout/names.ts";
import type { KeyedWrite, PutEntry } from "../../../runtime/ports/index.ts";
import type { CommitBody } from "../../../runtime/slot/image/commit-body.ts";
import { openedAppended } from "../opened.ts";
import { canonical } from "../shapes/compare.ts";
import type { GenerationRecord, SlotHistory } from "./generation-record.ts";

/** What a version has to put somewhere, as text. */
interface Output {
  readonly text: string;
  readonly history: SlotHistory;
  readonly version: number;
}

/** A committed write of a row. */
export interface CommittedRow {
  readonly table: string;
  readonly key: string;
  readonly version: number;
  readonly index: number;
  readonly slot: string;
  /** Absent for a delete. */
  readonly text: string | undefined;
}

/** Rows, appended records and dead letters are what was committed, come once, and in the order of their versions (protocol 3.4 and 8.1). */
export class OutputCheck {
  readonly #record: GenerationRecord;
  /** By table, key, version and index. */
  readonly #writes = new Map<string, Output>();
  readonly #rows = new Map<string, CommittedRow>();
  readonly #deadLetters = new Map<string, Output>();
  /** Of each committed write of a row, by slot, table, version and index. */
  readonly #placeOfRow = new Map<string, string>();
  /** Writes that tables have refused. */
  readonly #refused = new Set<string>();
  /** Which version wrote an element or timer off. */
  readonly #writtenOff = new Map<string, string>();
  readonly #targets = new Map<string, string>();

  constructor(record: GenerationRecord) {
    this.#record = record;
    for (const node of record.options.graph.nodes)
      if (node.kind === "sink") this.#targets.set(node.uid ?? node.name, node.sink.target);
  }

  /** Every write of a row that was committed. */
  get rows(): Iterable<CommittedRow> {
    return this.#rows.values();
  }

  /** The slot and version of an object of dead letters. */
  deadLetter(key: string): { readonly slot: string; readonly version: number } | undefined {
    const known = this.#deadLetters.get(key);
    return known === undefined ? undefined : { slot: known.history.name, version: known.version };
  }

  /** Takes what a version has to deliver, and names each piece. */
  committed(history: SlotHistory, version: number, body: CommitBody): readonly string[] {
    const outputs: string[] = [];
    for (const { sink, writes } of body.writes) {
      const target = this.#targets.get(sink) ?? sink;
      for (const [index, write] of writes) {
        const isAppend = write.kind === "append";
        const place = isAppend
          ? `${history.name} ${target} ${version} ${index}`
          : placeOfWrite(target, keyText(write.key), { version, index });
        const row = write.kind === "upsert" ? write.row : undefined;
        const text = isAppend ? JSON.stringify(write.value) : textOfRow(row);
        if (this.#writes.has(place)) this.#record.break(`two commits write ${place}`);
        this.#writes.set(place, { text, history, version });
        if (!isAppend) {
          const slot = history.name;
          const key = keyText(write.key);
          this.#placeOfRow.set(rowOfLetter(slot, { target, version, index }), place);
          this.#rows.set(place, {
            table: target,
            key,
            version,
            index,
            slot,
            text: row && text,
          });
        }
        outputs.push(`${isAppend ? "a" : "w"} ${place}`);
      }
    }
    for (const letter of body.deadLetters) this.#checkPlace(history, version, letter);
    const { plan, generation } = this.#record.options;
    const prefix = objectPrefixes.deadLetters({ job: plan.job, generation, slot: history.name });
    const nameOf = (index: number): string => `${prefix}${version}-${index}.jsonl`;
    for (const { key, data } of packDeadLetters(body.deadLetters, nameOf)) {
      this.#deadLetters.set(key, { text: Buffer.from(data).toString(), history, version });
      outputs.push(`d ${key}`);
    }
    return outputs;
  }

  /** protocol 8.1: an element or timer is written off once; of a timer that stands for elements each of these. */
  #checkPlace(history: SlotHistory, version: number, letter: DeadLetter): void {
    const { slot, sequence, element, timer, input } = letter;
    const due = timer === undefined ? null : [timer, input ?? null];
    const place = JSON.stringify([slot, sequence, element, due]);
    const known = this.#writtenOff.get(place);
    const now = `v${version} of ${history.name}`;
    if (known !== undefined)
      this.#record.break(`${known} and ${now} both hold dead letter ${place}`);
    this.#writtenOff.set(place, now);
  }

  rowWritten(table: string, write: KeyedWrite, applied: boolean): void {
    const record = this.#record;
    const place = placeOfWrite(table, keyText(write.key), write.order);
    const committed = this.#writes.get(place);
    if (committed === undefined) {
      if (!record.hasUnread) record.break(`a write was never committed: ${place}`);
      return;
    }
    const { text, history, version } = committed;
    if (text !== textOfRow(write.row)) record.break(`a write is not the committed one: ${place}`);
    if (!record.deliver(history, version, `w ${place}`)) {
      if (applied)
        record.break(`a write is applied for a second time: ${place} of ${history.name}`);
      return;
    }
    if (!applied && record.options.isLive(history.name, version))
      record.break(`the first delivery of a write finds a newer row: ${place} of ${history.name}`);
  }

  rowRefused(table: string, write: KeyedWrite): void {
    const place = placeOfWrite(table, keyText(write.key), write.order);
    if (this.#writes.has(place)) this.#refused.add(place);
    else if (!this.#record.hasUnread) this.#record.break(`a write was never committed: ${place}`);
  }

  lettersWritten(key: string, data: Uint8Array): void {
    const record = this.#record;
    const committed = this.#deadLetters.get(key);
    if (committed === undefined) {
      if (!this.#isOfRefused(key, data) && !record.hasUnread)
        record.break(`a dead letter was never committed: ${key}`);
      return;
    }
    const { text, history, version } = committed;
    if (text !== Buffer.from(data).toString())
      record.break(`a dead letter is not the committed one: ${key}`);
    record.deliver(history, version, `d ${key}`);
  }

  /** protocol 3.4: what a table refuses goes to the dead letters, and is delivered by that. Answers whether these are such letters. */
  #isOfRefused(key: string, data: Uint8Array): boolean {
    const letters = unpackDeadLetters(data);
    for (const letter of letters) {
      const { write, slot, payload } = letter;
      const place = write && this.#placeOfRow.get(rowOfLetter(slot, write));
      const committed = place === undefined ? undefined : this.#writes.get(place);
      if (place === undefined || committed === undefined || write === undefined) return false;
      const { text, history, version } = committed;
      if (!this.#refused.has(place))
        this.#record.break(`no table has refused what is written off: ${place}`);
      if (write.kind === "upsert" && canonical(JSON.parse(payload)) !== canonical(JSON.parse(text)))
        this.#record.break(`what is written off is not the committed write: ${place}`);
      this.#deadLetters.set(key, { text: Buffer.from(data).toString(), history, version });
      this.#record.deliver(history, version, `w ${place}`);
    }
    return letters.length > 0;
  }

  landed(stream: string, { data }: PutEntry): void {
    const record = this.#record;
    const appended = openedAppended(data);
    if (appended === undefined) {
      record.break(`a record in ${stream} has no id`);
      return;
    }
    const { slot, version, index } = appended.id;
    const place = `${slot.slice(slot.indexOf("/") + 1)} ${stream} ${version} ${index}`;
    const committed = this.#writes.get(place);
    if (committed === undefined) {
      if (!record.hasUnread) record.break(`an appended record was never committed: ${place}`);
      return;
    }
    if (committed.text !== JSON.stringify(appended.value))
      record.break(`an appended record is not the committed one: ${place}`);
    record.deliver(committed.history, version, `a ${place}`);
  }
}

interface Order {
  readonly version: number;
  readonly index: number;
}

function placeOfWrite(table: string, key: string, { version, index }: Order): string {
  return `${table} ${key} ${version} ${index}`;
}

function rowOfLetter(
  slot: string,
  { target, version, index }: Order & { readonly target: string },
): string {
  return `${slot} ${target} ${version} ${index}`;
}

function textOfRow(row: KeyedWrite["row"]): string {
  return row === undefined ? "gone" : JSON.stringify(row);
}
