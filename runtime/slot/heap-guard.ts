import { stateError } from "../errors/millrace-error.ts";
import type { SlotImage } from "./slot-image.ts";

/** From this share of the limit on there is an alarm. */
const nearShare = 0.8;

/** Keyed state of a slot, in bytes as encoded. */
export function stateBytesOf({ program }: SlotImage): number {
  let bytes = 0;
  for (const subtask of program.subtasks.values()) bytes += subtask.state.bytes;
  return bytes;
}

/**
 * Refuses to go on with a slot whose state nears the memory of the process: a batch that fails is tried again, but a process
 * that dies of its memory takes the other slots along and says nothing.
 * @throws MillraceError `state-too-large`
 */
export function guardHeap(image: SlotImage): void {
  const { stateMaxBytes } = image.job.settings;
  const bytes = stateBytesOf(image);
  if (bytes <= stateMaxBytes) return;
  const { ports } = image.job;
  ports.telemetry.alarm("state-too-large", { slot: image.slot.name, bytes, stateMaxBytes });
  throw stateError("state-too-large", {
    message: `The state of slot ${image.slot.name} is ${bytes} bytes, and the memory of the function allows ${stateMaxBytes}.`,
    next: "Give the function more memory; then split the slot's shard, or let state expire. Nothing is lost meanwhile.",
  });
}

/** Raises an alarm while there is still room. */
export function warnOfHeap(image: SlotImage, bytes: number): void {
  const { stateMaxBytes } = image.job.settings;
  if (bytes <= nearShare * stateMaxBytes) return;
  image.job.ports.telemetry.alarm("state-near-limit", {
    slot: image.slot.name,
    bytes,
    stateMaxBytes,
  });
}
