import type { SlotProgress } from "./progress.ts";

/**
 * Where a slot is in its life (docs/protocol.md 3.10). Of several that would fit it is in the first, in this order:
 *
 * - `sealed`: its log is closed, its children have its state. Nothing is processed any more (5.2).
 * - `drained`: a source of a job that is drained has told its end. Its timers still fire (4.8).
 * - `stopped`: a source of a job that stops has come to the stop. It takes nothing any more (6.7).
 * - `holding`: an exchange slot of a job that stops. What comes off the wire stays pending, and no timer fires (6.7).
 * - `firing`: timers that a watermark has released are left, and come before anything else (3.2).
 * - `replaying`: blocks that a restore brought along come before any record (6.6).
 * - `ended`: a source's stream is over, and all of it is read (4.8).
 * - `unfenced`: a source is not past its fence: it reads by itself what it may not have been handed (3.7).
 * - `running`: what it is handed follows its cursor.
 */
export type SlotPhase =
  | "sealed"
  | "drained"
  | "stopped"
  | "holding"
  | "firing"
  | "replaying"
  | "ended"
  | "unfenced"
  | "running";

/** What a slot's phase comes from. */
export interface SlotLife {
  readonly isSource: boolean;
  readonly sealed: boolean;
  readonly stopping: boolean;
  /** Of a source: its end is told. */
  readonly ended: boolean;
  readonly isReplaying: boolean;
  readonly isFiring: boolean;
  readonly pastFence: boolean;
}

export function phaseOf(life: SlotLife): SlotPhase {
  const { isSource, sealed, stopping, ended, isReplaying, isFiring, pastFence } = life;
  if (sealed) return "sealed";
  if (stopping && isSource) return ended ? "drained" : "stopped";
  if (stopping) return "holding";
  if (isFiring) return "firing";
  if (isReplaying) return "replaying";
  if (ended) return "ended";
  return isSource && !pastFence ? "unfenced" : "running";
}

/** Whether a source slot in this phase takes nothing of its stream any more, for good. */
export function isOver(phase: SlotPhase): boolean {
  return phase === "sealed" || phase === "drained" || phase === "stopped" || phase === "ended";
}

/** The phase that the slot of a source shows: one that has timers left shows no more of it than when they are due. */
export function shownPhase(row: SlotProgress): SlotPhase {
  return phaseOf({
    isSource: true,
    sealed: row.sealed,
    stopping: row.stopping === true,
    ended: row.ended,
    isReplaying: false,
    isFiring: false,
    pastFence: row.beforeFence !== true,
  });
}
