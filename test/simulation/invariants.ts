import type {
  ControlRow,
  KeyedWrite,
  LogName,
  LogRow,
  PutEntry,
} from "../../runtime/ports/index.ts";
import { ExchangeCheck } from "./checks/exchange-check.ts";
import { checkDeleted } from "./checks/garbage-check.ts";
import { type GenerationOptions, GenerationRecord, shownOf } from "./checks/generation-record.ts";
import { LogCheck } from "./checks/log-check.ts";
import { type CommittedRow, OutputCheck } from "./checks/output-check.ts";
import { ProgressCheck } from "./checks/progress-check.ts";
import type { StoreObserver } from "./ports/observer.ts";
import type { SimShard } from "./ports/sim-streams.ts";

/**
 * What must hold of a generation at every step (docs/protocol.md), checked in the moment in which the simulated stores change. The worth of it is
 * that a broken rule is told where it breaks, and that some never show in results.
 */
export class Invariants implements StoreObserver {
  readonly #record: GenerationRecord;
  readonly #outputs: OutputCheck;
  readonly #exchange: ExchangeCheck;
  readonly #log: LogCheck;
  readonly #progress: ProgressCheck;

  constructor(options: GenerationOptions) {
    this.#record = new GenerationRecord(options);
    this.#outputs = new OutputCheck(this.#record);
    this.#exchange = new ExchangeCheck(this.#record);
    this.#log = new LogCheck(this.#record, this.#outputs, this.#exchange);
    this.#progress = new ProgressCheck(this.#record);
  }

  get slotNames(): readonly string[] {
    return this.#record.slotNames;
  }

  get figures(): Pick<LogCheck, "commits" | "takeovers" | "seals" | "overwrites" | "unfinished"> {
    return this.#log;
  }

  /** Every write of a row that was committed. */
  get committedRows(): Iterable<CommittedRow> {
    return this.#outputs.rows;
  }

  /** The slot and version of an object of dead letters. */
  deadLetter(key: string): { readonly slot: string; readonly version: number } | undefined {
    return this.#outputs.deadLetter(key);
  }

  /**
   * Committed versions that have not been delivered when a job has ended. A takeover is none of them: all that it sends is empty blocks to itself, and
   * a job may end between it and them, since its parents were at the end.
   */
  undelivered(): readonly string[] {
    const found: string[] = [];
    for (const { name, versions } of this.#record.slots)
      for (const [version, { outstanding, kind }] of versions)
        if (outstanding.size > 0 && kind !== "takeover")
          found.push(`${name} v${version}: ${shownOf(outstanding)}`);
    return found;
  }

  /** How far a slot has read: the last record that it has taken whole. */
  cursorOf(slot: string): number {
    const history = this.#record.find(slot);
    const { sequence } = history?.versions.get(history.head)?.meta.cursor ?? {};
    return Number(sequence ?? -1);
  }

  /** The generation was stopped with an epoch. */
  stopped(epoch: number): void {
    this.#log.stopped(epoch);
  }

  /** What a slot has done, in words. */
  describe(slot: string): string {
    const history = this.#record.find(slot);
    if (history === undefined) return `${slot}: nothing committed`;
    const meta = history.versions.get(history.head)?.meta;
    const watermarks = Object.entries(meta?.watermarks ?? {})
      .map(([stage, { ms, idle }]) => `${stage}=${ms}${idle ? " idle" : ""}`)
      .join(" ");
    return (
      `${slot}: v${history.head}${history.isSealed ? " sealed" : ""}, delivered below ${history.undelivered}, ` +
      `part ${history.partVersion}, cursor ${JSON.stringify(meta?.cursor)}, ${watermarks}`
    );
  }

  appended(log: LogName, row: LogRow, displaced: LogRow | undefined): void {
    this.#log.appended(log, row, displaced);
  }

  controlWritten(row: ControlRow, before: ControlRow | undefined): void {
    if (row.partition.endsWith("#progress")) this.#progress.written(row, before);
  }

  rowWritten(table: string, write: KeyedWrite, applied: boolean): void {
    this.#outputs.rowWritten(table, write, applied);
  }

  rowRefused(table: string, write: KeyedWrite): void {
    this.#outputs.rowRefused(table, write);
  }

  objectWritten(key: string, data: Uint8Array, before: Uint8Array | undefined): void {
    if (before !== undefined && Buffer.compare(before, data) !== 0)
      this.#record.break(`object ${key} is written again with other content`);
    if (key.includes("/dead-letters/")) this.#outputs.lettersWritten(key, data);
  }

  objectDeleted(key: string): void {
    checkDeleted(this.#record, key);
  }

  landed(stream: string, shard: SimShard, entry: PutEntry): void {
    const { exchange, plan } = this.#record.options;
    if (stream === exchange) this.#exchange.landed(shard, entry);
    else if (plan.sinks.some(({ target, type }) => type === "kinesis" && target === stream))
      this.#outputs.landed(stream, entry);
  }

  resharded(): void {}
}
