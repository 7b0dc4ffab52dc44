import type { InFlightRef, PartRef } from "../checkpoint/part.ts";
import type { StagedRef } from "../checkpoint/staged.ts";
import type { StageWatermark } from "../exchange/watermark.ts";
import type { RangeMark } from "../exchange/group-ranges.ts";
import type { MetricValues } from "../graph/metric-values.ts";
import type { HashRange } from "../serde/hash-space.ts";
import type { LatenessFloor } from "./lateness-floors.ts";

/** Everything of a slot but its keyed state: plain data, whole in every commit. */
export interface SlotMeta {
  /** Of the commit that wrote it; 0 before the first. */
  readonly version: number;
  readonly epoch: number;
  /** The range of the hash space that the slot's shard owns. */
  readonly range: HashRange;
  readonly cursor: Cursor;
  /** The slot has committed past a fence: what it is handed follows its cursor without a gap (protocol 3.7). */
  readonly pastFence: boolean;
  /** By stage. */
  readonly watermarks: Readonly<Record<string, StageWatermark>>;
  /** By stage, watermarks of slots that it was made from, where these are above its own still (protocol 5.1). */
  readonly floors?: Readonly<Record<string, readonly LatenessFloor[]>>;
  readonly source?: SourceProgress;
  /** Receive marks: by upstream slot, the highest version applied, by group range (protocol 4.3). */
  readonly marks: Readonly<Record<string, readonly RangeMark[]>>;
  /** By upstream slot, the highest version whose broadcasts the slot's copy of broadcast state has (protocol 4.9). */
  readonly broadcastMarks?: Readonly<Record<string, number>>;
  /** Whatever frames of older epochs there were have come: one that comes now is a repetition (protocol 4.3). */
  readonly closedEpoch?: number;
  /** Versions in which the slot last sent a block to a group of its own over the wire (protocol 4.4). */
  readonly sentToSelf: readonly RangeMark[];
  /** Clock of the newest tick that was applied. */
  readonly tickClockMs: number;
  readonly counters: SlotCounters;
  /** What the reader of appended records remembers: by producer. */
  readonly duplicates?: DuplicateMemory;
  /** The newest epoch that the slot has cut for; absent where it came to its epoch by a takeover. */
  readonly cut?: Cut;
  /** The job stops: a source takes nothing any more, and what comes off the wire stays pending (protocol 6.7). */
  readonly stopping?: boolean;
  /** Stages that have come to a watermark of which not all timers have fired; those come before anything else (protocol 3.2). */
  readonly firing?: readonly string[];
  /** What is staged and not known to be visible: the next complete epoch names it (protocol 6.9). */
  readonly staged?: readonly StagedRef[];
  /** Elements of pending blocks that were applied: places the next one in dead letters. */
  readonly replayed?: number;
  /** Where a source that starts from "latest" began, for slots that were restored: milliseconds since 1970. */
  readonly startMs?: number;
}

/** A consistent cut of the slot for an epoch: its state at one version (protocol 6.2). */
export interface Cut {
  readonly epoch: number;
  /** Of the cut's own commit, which changes nothing but the epoch. */
  readonly version: number;
  /** The state at that version; absent until the commit behind the cut. */
  readonly part?: PartRef;
  /** Nothing older than the epoch is still to come: the slot's share of it is complete. */
  readonly closed: boolean;
  /** What was in flight, where anything was. */
  readonly inFlight?: InFlightRef;
  /** Until it is closed: slots of whose frames some of this epoch have come. */
  readonly senders?: readonly string[];
}

/** All records below `sequence` are done, and `elements` elements of it: all of them where that is absent. */
export interface Cursor {
  /** Absent before the first record. */
  readonly sequence?: string;
  readonly elements?: number;
}

export interface SourceProgress {
  /** Highest event time seen; -Infinity before the first element. */
  readonly maxTimestampMs: number;
  /** Processing time of the last batch that held an element, or of the first one. */
  readonly lastRecordMs: number;
  /** The stream is closed for good, and all of it was read. */
  readonly ended: boolean;
  /** No element came for more than the strategy's `idleAfter`. */
  readonly idle: boolean;
  /** Of a generator of the user's own. */
  readonly generator?: GeneratorProgress;
}

/** How far a generator of watermarks has come, and what it remembers. */
export interface GeneratorProgress {
  /** -Infinity before the first. */
  readonly watermarkMs: number;
  /** It has marked the shard as idle. */
  readonly idle?: true;
  /** The user's: plain data. */
  readonly state: unknown;
}

export interface SlotCounters {
  /** Records taken from the stream. */
  readonly records: number;
  readonly deadLetters: number;
  /** Writes of rows that found a newer one in place, replays included; absent where there were none. */
  readonly superseded?: number;
  /** By operator, where there are any: the source for what can't be decoded. */
  readonly deadLettersByOperator?: Readonly<Record<string, number>>;
  /** By operator: [received, late]. */
  readonly operators: Readonly<Record<string, readonly [received: number, late: number]>>;
  /** By operator, what its functions count and measure; absent where none does. */
  readonly user?: Readonly<Record<string, MetricValues>>;
}

export type DuplicateMemory = Readonly<
  Record<string, { readonly version: number; readonly seen: readonly number[] }>
>;

/** Orders sequence numbers: negative where `left` comes first. */
export function compareSequences(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  // Mostly it is asked whether what follows does.
  return left > right ? 1 : left < right ? -1 : 0;
}

/** How many elements of a record were done before: Infinity for all of them. */
export function elementsDone(cursor: Cursor, sequence: string): number {
  if (cursor.sequence === undefined) return 0;
  const order = compareSequences(sequence, cursor.sequence);
  if (order < 0) return Number.POSITIVE_INFINITY;
  return order > 0 ? 0 : (cursor.elements ?? Number.POSITIVE_INFINITY);
}
