import type { JobDefinition } from "../../runtime/index.ts";
import type { RecordId } from "../../runtime/connectors/index.ts";
import type { HashRange } from "../../runtime/serde/hash-space.ts";
import type { DeadLetter } from "../../runtime/job/dead-letter.ts";

/** Seeded random numbers. */
export interface Dice {
  /** A whole number from `from` to `to`, both inclusive. */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly T[]): T;
  shuffle<T>(items: readonly T[]): T[];
}

/** One record to be put into a source stream. */
export interface FeedRecord {
  readonly stream: string;
  readonly partitionKey: string;
  /** JSON, or malformed on purpose. */
  readonly data: Uint8Array;
}

/** A job with its data and its oracle, made anew for every seed. */
export interface Shape {
  readonly name: string;
  /** Made by the seed: data with disorder, lateness, malformed and oversized records, elements whose user code throws. At least 200 records. */
  plan(dice: Dice): ShapeCase;
}

export interface ShapeCase {
  readonly job: JobDefinition;
  /** A compatible new version of the job (same fingerprint) for a deployment in mid-run: functions anew, same results. */
  readonly redeployed?: JobDefinition;
  /** In the order in which producers put them; the world cuts them into puts and spreads them over virtual time. */
  readonly feed: readonly FeedRecord[];
  /** Its check knows that late data may have been on time before the job was taken back. */
  readonly knowsTakingBack?: boolean;
  /** What is wrong with what came out, as sentences; empty where all is right. Called once, after the job has ended. */
  check(outcome: Outcome): readonly string[];
}

export interface Outcome {
  /** Rows of each sink table, tombstones left out. */
  readonly tables: ReadonlyMap<string, readonly Readonly<Record<string, unknown>>[]>;
  /** Values appended to each sink stream, in shard order, duplicates by record id dropped; and how many duplicates there were. */
  readonly appended: ReadonlyMap<string, Appended>;
  /** Documents of the lines in finished files, by folder: those of files that are part of the job's history. */
  readonly files: ReadonlyMap<string, readonly unknown[]>;
  /** Dead letters as written. */
  readonly deadLetters: readonly DeadLetter[];
  /** Final keyed state: `<stage>/<operator uid>/<state>` -> text of key and map key (`stateKey`) -> decoded value. */
  readonly state: ReadonlyMap<string, ReadonlyMap<string, unknown>>;
  /** Where the job was drained: whether it had taken these data until then. */
  readonly isTaken?: (data: Uint8Array) => boolean;
  /** All shards of each source's stream, with what was taken: from them follows how high watermarks can have been. */
  readonly sources: ReadonlyMap<string, readonly SourceShard[]>;
}

/** What came into a shard of a source's stream, in its order. */
export interface SourceShard {
  readonly shardId: string;
  readonly parents: readonly string[];
  /** Of the hash space. Default: all of it. */
  readonly range?: HashRange;
  readonly records: readonly { readonly data: Uint8Array }[];
}

export interface Appended {
  readonly values: readonly unknown[];
  /** What was appended behind the cut of an epoch that the job was taken back to: it is no part of the job's history. */
  readonly abandoned?: readonly unknown[];
  readonly duplicates: number;
  /** The record id of each value, where it is known: order is promised between versions of a slot, not within one. */
  readonly ids?: readonly RecordId[];
}

/**
 * How `Outcome.state` names an entry: `["key"]` for a value (snapshots say null), `["key","map key"]` for an entry of a map, `[null,"map key"]` for one
 * that was broadcast.
 */
export function stateKey(key: unknown, mapKey: unknown = null): string {
  return JSON.stringify(mapKey === null ? [key] : [key, mapKey]);
}

/** What user code and the checks of shapes have found, until it is taken. */
export const violations: string[] = [];

export function report(text: string): void {
  violations.push(text);
}

let codeRuns = 0;

/** User code has run for an element. */
export function noteCodeRun(): void {
  codeRuns += 1;
}

/** How often it has run since the last call. */
export function takeCodeRuns(): number {
  const runs = codeRuns;
  codeRuns = 0;
  return runs;
}

/** What was reported since the last call. */
export function takeViolations(): readonly string[] {
  return violations.splice(0);
}
