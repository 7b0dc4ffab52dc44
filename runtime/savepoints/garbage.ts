import {
  listManifests,
  type Manifest,
  putManifest,
  type Tombstone,
} from "../checkpoint/manifest.ts";
import { readPart } from "../checkpoint/part.ts";
import { isCommitted, stagedOf } from "../checkpoint/staged.ts";
import { objectNames, objectPrefixes, parseObjectName, rowKeys } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import { verified, withChecksum } from "../serde/checked-json.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";
import { type Generation, readGeneration } from "../job/generation.ts";
import { listProgress, type SlotProgress } from "../job/progress.ts";
import type { SlotMeta } from "../job/slot-meta.ts";
import { collectRows } from "./garbage-rows.ts";
import { giveUpEpochs } from "./give-up-epochs.ts";
import { heldManifests } from "./hold.ts";

export interface GarbageOptions {
  readonly job: string;
  /** Complete epochs that are kept, savepoints not counted. */
  readonly retain: number;
  /** What nothing refers to goes once it was found so twice, at least this far apart. Default: an hour. */
  readonly graceMs?: number;
  /** Frames that stand in objects go after this: longer than the exchange keeps its records. Default: eight days. */
  readonly frameRetentionMs?: number;
  /** Dead letters go so long after a collection first saw them. Default: Infinity, never. */
  readonly deadLetterRetentionMs?: number;
  /** Says what would go, and changes nothing. Default: false. */
  readonly dryRun?: boolean;
}

export const garbageDefaults = {
  graceMs: 3_600_000,
  frameRetentionMs: 8 * 86_400_000,
  deadLetterRetentionMs: Number.POSITIVE_INFINITY,
};

export interface GarbageReport {
  /** What went, or would go. */
  readonly deleted: readonly GarbageObject[];
  /** Why the rest is kept: objects by reason. */
  readonly kept: Readonly<Record<string, number>>;
}

export interface GarbageObject {
  readonly key: string;
  readonly reason: string;
}

/** What is swept in one go; the rest is for the next. */
const deletionsMax = 50_000;

/**
 * Collects a job's garbage: mark and sweep (protocol 6.8). Objects are listed before the roots are read, progress rows before manifests, so that
 * what is named in between is found; and whatever goes was found to be garbage by an earlier collection too.
 */
export async function collectGarbage(
  ports: Ports,
  options: GarbageOptions,
): Promise<GarbageReport> {
  const living = await readGeneration(ports, options.job);
  if (living === undefined) return { deleted: [], kept: {} };
  if (options.dryRun !== true) await giveUpEpochs(ports, { job: options.job, living });
  const keys: string[] = [];
  for await (const key of ports.objects.list(objectPrefixes.job(options.job))) keys.push(key);
  const place = { job: options.job, generation: living.generation };
  const progress = await listProgress(ports, place);
  const manifests = await listManifests(ports, options.job);
  const held = await heldManifests(ports, options.job);
  const expired = expiredManifests(manifests, living, options).filter(
    (epoch) => !held.has(keyOf(epoch)),
  );
  const gone =
    options.dryRun === true
      ? new Set(expired.map(keyOf))
      : await deleteManifests(ports, options.job, expired);
  const deleted: GarbageObject[] = [...gone].map((key) => ({
    key,
    reason: "more epochs than are retained",
  }));
  const roots = await rootsOf(ports, {
    progress,
    manifests: manifests.filter((epoch) => !gone.has(keyOf(epoch))),
  });
  const slots = new Map(progress.map((row) => [row.slot, row]));
  const ages = { ...garbageDefaults, ...options };
  const { graceMs } = ages;
  const seen = await readCandidates(ports, options.job);
  const nowMs = ports.clock.nowMs();
  const candidates: Record<string, number> = {};
  const kept: Record<string, number> = {};
  for (const key of keys) {
    if (gone.has(key)) continue;
    const verdict = roots.has(key) ? "referred to" : verdictOn(key, { living, slots, ages });
    if (typeof verdict === "string") {
      kept[verdict] = (kept[verdict] ?? 0) + 1;
      continue;
    }
    const sinceMs = seen[key] ?? nowMs;
    candidates[key] = sinceMs;
    const isOld = nowMs - sinceMs >= ages[verdict.after];
    const isDue = seen[key] !== undefined && isOld;
    if (!isDue || deleted.length >= deletionsMax) {
      kept["garbage, but not long enough"] = (kept["garbage, but not long enough"] ?? 0) + 1;
      continue;
    }
    delete candidates[key];
    deleted.push({ key, reason: verdict.reason });
  }
  if (options.dryRun !== true) {
    await ports.objects.delete(deleted.map(({ key }) => key).filter((key) => !gone.has(key)));
    await writeCandidates(ports, options.job, candidates, seen);
    await collectRows(ports, { job: options.job, living, graceMs });
  }
  return { deleted, kept };
}

const keyOf = (epoch: Manifest | Tombstone): string =>
  objectNames.manifest(epoch.job, epoch.generation, epoch.epoch);

/**
 * protocol 6.8: manifests first, then the holds: whoever has read a manifest has written its hold before, and gets it
 * back. Answers what is gone.
 */
async function deleteManifests(
  ports: Ports,
  job: string,
  expired: readonly Manifest[],
): Promise<ReadonlySet<string>> {
  await ports.objects.delete(expired.map(keyOf));
  const gone = new Set(expired.map(keyOf));
  const held = await heldManifests(ports, job);
  for (const epoch of expired) {
    const key = keyOf(epoch);
    if (!held.has(key)) continue;
    await putManifest<Manifest>(ports, epoch);
    gone.delete(key);
  }
  return gone;
}

/** Complete epochs that retention gives up: tombstones stay, so that nobody completes what was given up. */
function expiredManifests(
  manifests: readonly (Manifest | Tombstone)[],
  living: Generation,
  { retain }: GarbageOptions,
): readonly Manifest[] {
  const keepsNone = living.outcome === "cancelled" && living.onCancel === "delete";
  const checkpoints = manifests.filter(
    (epoch): epoch is Manifest =>
      epoch.status === "complete" && epoch.savepoint === undefined && !isStopOf(living, epoch),
  );
  const kept = keepsNone ? 0 : retain;
  return checkpoints.slice(0, Math.max(0, checkpoints.length - kept));
}

function isStopOf({ savepoint }: Generation, epoch: Manifest | Tombstone): boolean {
  return savepoint === keyOf(epoch);
}

/** Everything that rows and retained epochs refer to, by way of parts. */
async function rootsOf(
  ports: Ports,
  {
    progress,
    manifests,
  }: {
    readonly progress: readonly SlotProgress[];
    readonly manifests: readonly (Manifest | Tombstone)[];
  },
): Promise<ReadonlySet<string>> {
  const roots = new Set<string>();
  for (const { part, checkpoint } of progress) {
    const { inFlight } = checkpoint ?? {};
    if (inFlight !== undefined) roots.add(inFlight.key);
    for (const named of [part, checkpoint?.part]) {
      if (named === undefined || roots.has(named.key)) continue;
      roots.add(named.key);
      const { segments, meta } = await readPart<SlotMeta>(ports, named.key);
      for (const { key } of [...segments, ...(meta.staged ?? [])]) roots.add(key);
    }
  }
  for (const epoch of manifests) {
    if (epoch.status !== "complete") continue;
    for (const { part, segments, inFlight } of epoch.slots)
      for (const { key } of [part, ...segments, ...(inFlight === undefined ? [] : [inFlight])])
        roots.add(key);
    // protocol 6.9: a restore makes it visible if nobody else has.
    if (!(await isCommitted(ports, epoch))) for (const { key } of stagedOf(epoch)) roots.add(key);
  }
  return roots;
}

interface Garbage {
  readonly reason: string;
  /** How long it stays when it was found to be garbage. */
  readonly after: keyof typeof garbageDefaults;
}

interface Judged {
  readonly living: Generation;
  readonly slots: ReadonlyMap<string, SlotProgress>;
  readonly ages: typeof garbageDefaults;
}

/** What an object that nothing refers to is: garbage, or why it is kept all the same. */
function verdictOn(key: string, { living, slots, ages }: Judged): Garbage | string {
  const name = parseObjectName(key);
  if (name === undefined) return "not of a kind that is collected";
  if (name.kind === "manifest") return "a manifest or a tombstone";
  if (name.kind === "garbage-list") return "the list of what may be garbage";
  if (name.kind === "dead-letters")
    return ages.deadLetterRetentionMs === Number.POSITIVE_INFINITY
      ? "a dead letter"
      : { after: "deadLetterRetentionMs", reason: "a dead letter whose retention is over" };
  const { kind, generation, slot, version } = name;
  // A restore that is being prepared publishes these, or never will once another one has.
  if (generation > living.generation) return "of a generation that may still be published";
  if (kind === "frames")
    return { after: "frameRetentionMs", reason: "a frame that was delivered long ago" };
  if (generation < living.generation)
    return { after: "graceMs", reason: "of a generation that has been replaced" };
  if (version === undefined) return { after: "graceMs", reason: "of the epoch that was restored" };
  const row = slots.get(slot);
  if (row === undefined) return "of a slot that shows nothing yet";
  if (kind === "bodies")
    return version <= row.version - living.ringSize
      ? { after: "graceMs", reason: "the body of a row that was overwritten" }
      : "of a version that the log may still hold";
  if (kind === "in-flight")
    return version <= row.version
      ? { after: "graceMs", reason: "in flight for an epoch that is not kept" }
      : "of a version that may still be committed";
  // Only what is older than the named part can never be named any more.
  return version < (row.part?.version ?? 0)
    ? { after: "graceMs", reason: "older than the part that the slot goes on from" }
    : "not older than the part that the slot goes on from";
}

/** When objects were first found to be garbage: by key. */
type Candidates = Readonly<Record<string, number>>;

async function readCandidates(ports: Ports, job: string): Promise<Candidates> {
  const row = await ports.control.get(rowKeys.garbage(job));
  if (row === undefined) return {};
  const { object } = fromControlValue<{ readonly object: string }>(row);
  const data = await ports.objects.get(object);
  return data === undefined ? {} : openCandidates(data);
}

/** protocol 6.8: of a damaged list nothing is believed; what is garbage is found a first time again. */
function openCandidates(data: Uint8Array): Candidates {
  try {
    const list = JSON.parse(new TextDecoder().decode(data)) as object | null;
    return (list === null ? undefined : verified<Candidates>(list as Candidates)) ?? {};
  } catch {
    return {};
  }
}

/** The list is an object of its own, and a row says which one holds; the one before goes. */
async function writeCandidates(
  ports: Ports,
  job: string,
  candidates: Candidates,
  before: Candidates,
): Promise<void> {
  if (JSON.stringify(candidates) === JSON.stringify(before)) return;
  const key = rowKeys.garbage(job);
  const row = await ports.control.get(key);
  const object = objectNames.garbageList(job, ports.random.id());
  await ports.objects.put(
    object,
    new TextEncoder().encode(JSON.stringify(withChecksum(candidates))),
  );
  await ports.control.put(
    { ...key, rank: (row?.rank ?? 0) + 1, value: toControlValue({ object }) },
    { kind: "always" },
  );
  if (row !== undefined)
    await ports.objects.delete([fromControlValue<{ readonly object: string }>(row).object]);
}
