import type {
  CheckpointDescription,
  CheckpointEntry,
  ManifestSlot,
  SavepointRequest,
} from "../runtime/savepoints/index.ts";
import { readableBytes, readableCount, readableDuration, readableTime } from "./readable.ts";
import { tableLines } from "./table-lines.ts";

const listHeads = ["epoch", "status", "savepoint", "new", "total", "took", "age", "note"];

/** A table of epochs, the newest last. */
export function checkpointLines(entries: readonly CheckpointEntry[]): readonly string[] {
  return tableLines(listHeads, entries.map(listRow), ["new", "total", "took", "age"]);
}

function listRow(entry: CheckpointEntry): readonly string[] {
  const { newBytes, totalBytes, durationMs, ageMs } = entry;
  return [
    `${entry.generation}/${entry.epoch}`,
    entry.status,
    entry.savepoint ?? "",
    newBytes === undefined ? "" : readableBytes(newBytes),
    totalBytes === undefined ? "" : readableBytes(totalBytes),
    durationMs === undefined ? "" : readableDuration(durationMs),
    ageMs === undefined ? "" : readableDuration(ageMs),
    noteOf(entry),
  ];
}

function noteOf({ stopped, drained, reason = "" }: CheckpointEntry): string {
  if (drained) return "drained with it";
  return stopped ? "stopped with it" : (reason.split("\n")[0] ?? "");
}

/** Savepoints that were asked for and are not there. */
export function requestLines(requests: readonly SavepointRequest[]): readonly string[] {
  return requests.map(({ id, kind, status, reason }) =>
    status === "asked"
      ? `${id}: asked for (${kind}), not complete yet`
      : `${id}: failed (${kind}): ${reason ?? "its epoch expired"}`,
  );
}

const slotHeads = ["slot", "version", "records", "state", "keys", "segments", "in flight"];

/** A checkpoint with the figures of its slots. */
export function describeLines({ entry, manifest }: CheckpointDescription): readonly string[] {
  const { job, savepoint, plan, slots } = manifest;
  const name = savepoint === undefined ? "checkpoint" : `savepoint ${savepoint}`;
  const { newBytes = 0, totalBytes = 0, durationMs = 0, ageMs = 0, openedMs = 0 } = entry;
  const rows = slots.map((slot) => [
    slot.slot,
    String(slot.version),
    readableCount(slot.records),
    readableBytes(slot.stateBytes),
    readableCount(slot.keys),
    `${slot.segments.length} (${readableBytes(slot.segments.reduce((sum, { bytes }) => sum + bytes, 0))})`,
    slot.inFlight === undefined ? "" : `${readableCount(slot.inFlight.elements)} elements`,
  ]);
  return [
    `job ${job}, ${name}, epoch ${entry.generation}/${entry.epoch}${endText(entry)}`,
    `  ${entry.manifest ?? ""}`,
    `  opened ${readableTime(openedMs)}, took ${readableDuration(durationMs)}, ${readableDuration(ageMs)} ago`,
    `  ${readableBytes(newBytes)} new of ${readableBytes(totalBytes)}, format ${manifest.format}, plan ${plan.fingerprint}`,
    ...tableLines(slotHeads, rows, slotHeads.slice(1)).map((line) => `  ${line}`),
    ...slots.map((slot) => `  ${slot.slot}: ${placeLine(slot)}`),
  ];
}

function endText({ stopped, drained }: CheckpointEntry): string {
  if (drained) return "; the job was drained with it: it can be read, not restored";
  return stopped ? "; the job was stopped with it" : "";
}

/** Where a slot stood: its position in the stream and its watermarks. */
function placeLine({ sequence, elements, watermarks }: ManifestSlot): string {
  const at = sequence === undefined ? "before the first record" : `after record ${sequence}`;
  const within = elements === undefined ? "" : ` (${elements} elements of it)`;
  const times = Object.entries(watermarks).map(
    ([stage, ms]) => `${stage} ${typeof ms === "number" ? readableTime(ms) : ms}`,
  );
  return `${at}${within}; watermarks: ${times.length === 0 ? "none" : times.join(", ")}`;
}
