import type { Epoch, Epochs } from "../checkpoint/epochs.ts";
import {
  type Manifest,
  manifestFormat,
  type ManifestSlot,
  readManifestOrTombstone,
} from "../checkpoint/manifest.ts";
import { readPart, type SegmentRef } from "../checkpoint/part.ts";
import type { Generation } from "../job/generation.ts";
import type { JobRuntime } from "../job/job-runtime.ts";
import { written } from "../job/progress.ts";
import type { SlotMeta } from "../job/slot-meta.ts";
import { objectNames } from "../layout/names.ts";
import type { Share } from "./epoch-shares.ts";

export interface CompleteEpoch {
  readonly generation: Generation;
  readonly epochs: Epochs;
  readonly epoch: Epoch;
  readonly shares: readonly Share[];
  readonly nowMs: number;
}

/** The manifest of an epoch whose shares are complete; the parts tell what it refers to. */
export async function completeManifest(
  { plan, ports, names }: JobRuntime,
  { generation, epochs, epoch, shares, nowMs }: CompleteEpoch,
): Promise<Manifest> {
  const slots = await Promise.all(shares.map((share) => slotOf(ports, share)));
  const known = await segmentsOfEpoch(ports, {
    job: plan.job,
    generation: generation.generation,
    epoch: epochs.completed,
  });
  const inFlightBytes = slots.reduce((sum, { inFlight }) => sum + (inFlight?.bytes ?? 0), 0);
  const segments = slots.flatMap((slot) => slot.segments);
  return {
    format: manifestFormat,
    status: "complete",
    job: plan.job,
    generation: generation.generation,
    epoch: epoch.number,
    ...(epoch.savepoint === undefined ? {} : { savepoint: epoch.savepoint }),
    stopped: epochs.stopping,
    drained: epochs.draining,
    openedMs: epoch.openedMs,
    completedMs: nowMs,
    publishedMs: generation.publishedMs,
    newBytes: inFlightBytes + sizeOf(segments.filter(({ key }) => !known.has(key))),
    totalBytes: inFlightBytes + sizeOf(segments),
    plan,
    exchangeStream: names.exchangeStream,
    slots,
  };
}

function sizeOf(segments: readonly SegmentRef[]): number {
  return segments.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** What the epoch before refers to already; nothing where there is none any more. */
async function segmentsOfEpoch(
  ports: JobRuntime["ports"],
  place: { readonly job: string; readonly generation: number; readonly epoch: number | undefined },
): Promise<ReadonlySet<string>> {
  const { job, generation, epoch } = place;
  if (epoch === undefined) return new Set();
  const before = await readManifestOrTombstone(
    ports.objects,
    objectNames.manifest(job, generation, epoch),
  );
  if (before?.status !== "complete") return new Set();
  return new Set(before.slots.flatMap(({ segments }) => segments.map(({ key }) => key)));
}

async function slotOf(
  ports: JobRuntime["ports"],
  { row, checkpoint }: Share,
): Promise<ManifestSlot> {
  const { meta, segments } = await readPart<SlotMeta>(ports, checkpoint.part.key);
  const { sequence, elements } = meta.cursor;
  const watermarks = Object.entries(meta.watermarks).map(
    ([stage, { ms }]) => [stage, written(ms)] as const,
  );
  return {
    slot: row.slot,
    stream: row.stream,
    shardId: row.shardId,
    range: meta.range,
    version: meta.version,
    ...(sequence === undefined ? {} : { sequence }),
    ...(elements === undefined ? {} : { elements }),
    watermarks: Object.fromEntries(watermarks),
    records: meta.counters.records,
    stateBytes: row.stateBytes,
    keys: row.keys,
    part: checkpoint.part,
    segments,
    ...(checkpoint.inFlight === undefined ? {} : { inFlight: checkpoint.inFlight }),
    ...(meta.staged === undefined ? {} : { staged: meta.staged }),
  };
}
