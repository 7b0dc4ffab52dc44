import type { PartRef } from "../../checkpoint/part.ts";
import type { Collected } from "../../checkpoint/staged.ts";
import type { Block } from "../../exchange/frame.ts";
import type { SlotPlace } from "../../layout/names.ts";
import type { LogName } from "../../ports/index.ts";
import type { Generation } from "../../job/generation.ts";
import type { BroadcastDelta } from "../../state/broadcast-delta.ts";
import type { StateDelta } from "../../state/state-delta.ts";
import type { JobRuntime } from "../../job/job-runtime.ts";
import type { SlotMeta } from "../../job/slot-meta.ts";
import type { SlotProgram } from "../program/slot-program.ts";
import type { SlotRef } from "../../job/slot-ref.ts";
import type { SourceDecoder } from "../program/source-decoder.ts";

/**
 * A slot in the memory of one environment: its state at a delivered version. It is a prefix to catch up from, never the
 * truth (protocol 3.0).
 */
export interface SlotImage {
  readonly job: JobRuntime;
  readonly slot: SlotRef;
  readonly generation: Generation;
  /** The slot's commit log. */
  readonly log: LogName;
  readonly program: SlotProgram;
  /** Of a source slot. */
  readonly decoder: SourceDecoder | undefined;
  meta: SlotMeta;
  /** Nonce of the row of `meta.version`: absent for version 0. */
  nonce: string | undefined;
  /** The slot's log ends with a seal: children have taken over. */
  sealed: boolean;
  /** Everything up to this version is known to be delivered. */
  deliveredVersion: number;
  /** The part that the progress row names. */
  part: PartRef | undefined;
  /** Of the progress row as it was last seen. */
  progressRank: number | undefined;
  /** State changes since that part: what the next segment holds. */
  readonly sincePart: StateDelta[];
  sincePartBytes: number;
  /** They follow this version without a gap. */
  sincePartVersion: number;
  /** Blocks taken from the wire that are to be applied before any record (protocol 6.6). */
  pending: readonly Block[];
  /** Blocks of older epochs that were taken since the cut (protocol 6.3). */
  recorded: readonly Block[];
  /** What its sinks collect for the next epoch (protocol 6.9). */
  collected: readonly Collected[];
  /** It was said that its state nears the limit of the heap. */
  isWarnedOf: boolean;
}

/** Where what the slot writes lies. */
export function placeOf({ job, generation, slot }: SlotImage): SlotPlace {
  return { job: job.plan.job, generation: generation.generation, slot: slot.name };
}

/** The whole copy of broadcast state that a slot has. */
export function broadcastOf({ program }: SlotImage): readonly BroadcastDelta[] {
  return [...program.subtasks.values()].flatMap(({ broadcast }) => broadcast.snapshot() ?? []);
}

/** Keyed and broadcast state of a slot and its timers, in bytes as encoded: in memory they take many times that. */
export function stateBytesOf({ program }: SlotImage): number {
  let bytes = 0;
  for (const { state, broadcast } of program.subtasks.values())
    bytes += state.bytes + broadcast.bytes;
  return bytes;
}

export function stateKeysOf({ program }: SlotImage): number {
  let keys = 0;
  for (const subtask of program.subtasks.values()) keys += subtask.state.keyCount;
  return keys;
}
