import type { Generation } from "../runtime/job/generation.ts";
import { listProgress, type SlotProgress } from "../runtime/job/progress.ts";
import { beginningOf, readEvents, type RecordedEvent } from "../runtime/observe/events.ts";
import { type CheckpointEntry, listCheckpoints, shortName } from "../runtime/savepoints/index.ts";
import { findGeneration } from "./found-job.ts";
import type { JobEventView } from "./schemas/history.ts";
import type { ServedStore } from "./served-store.ts";

/** What happened to a job, as its control rows and manifests tell and as was written down beside; the newest first. */
export async function eventViews(
  store: ServedStore,
  job: string,
): Promise<readonly JobEventView[]> {
  const { ports } = store;
  const generation = await findGeneration(store, job);
  const recorded = await readEvents(ports, job);
  const entries = await listCheckpoints(ports, job);
  const rows =
    generation === undefined
      ? []
      : await listProgress(ports, { job, generation: generation.generation });
  const events = [
    ...recorded.map(recordedView),
    ...generationViews(generation, recorded),
    ...entries.flatMap(checkpointViews),
    ...rows.flatMap((row) => reshardViews(row, generation!)),
  ];
  return events.toSorted((left, right) => right.atMs - left.atMs || (left.id < right.id ? 1 : -1));
}

function recordedView(event: RecordedEvent): JobEventView {
  const { sequence, atMs, lastMs, count = 1, generation, kind, text, code } = event;
  return {
    id: `event-${sequence}`,
    atMs: lastMs ?? atMs,
    kind,
    generation,
    text: count === 1 ? text : `${text} (${count} times)`,
    ...(code !== undefined && { code }),
  };
}

/** Of a job that nobody has written down anything of. */
function generationViews(
  generation: Generation | undefined,
  recorded: readonly RecordedEvent[],
): readonly JobEventView[] {
  if (generation === undefined) return [];
  const { generation: number } = generation;
  const isRecorded = ({ kind, ...event }: RecordedEvent): boolean =>
    event.generation === number && (kind === "deployed" || kind === "restored");
  if (recorded.some(isRecorded)) return [];
  return [{ id: `generation-${number}`, generation: number, ...beginningOf(generation) }];
}

function checkpointViews(entry: CheckpointEntry): readonly JobEventView[] {
  const { status, endedMs, generation, savepoint, durationMs, reason } = entry;
  if (endedMs === undefined) return [];
  const name = shortName(entry);
  const about = { id: `epoch-${name}`, atMs: endedMs, generation };
  if (status === "expired")
    return [
      { ...about, kind: "checkpoint-failed", text: `checkpoint ${name} was given up: ${reason}` },
    ];
  return [
    {
      ...about,
      ...(savepoint === undefined
        ? { kind: "checkpoint", text: `checkpoint ${name} is complete` }
        : { kind: "savepoint", text: `savepoint ${savepoint} (${name}) is complete` }),
      ...(durationMs !== undefined && { durationMs }),
    },
  ];
}

/** A slot is sealed when its shard was split or merged. */
function reshardViews(
  { slot, sealed, atMs }: SlotProgress,
  { generation }: Generation,
): readonly JobEventView[] {
  if (!sealed) return [];
  const text = `shard of slot ${slot} was split or merged, and its successors take over`;
  return [{ id: `seal-${slot}`, atMs, kind: "resharded", generation, text }];
}
