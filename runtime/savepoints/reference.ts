import { readEpochs } from "../checkpoint/epochs.ts";
import { readManifestOrTombstone } from "../checkpoint/manifest.ts";
import { inputError, stateError } from "../errors/millrace-error.ts";
import { placeOfManifest } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import { readGeneration } from "../job/generation.ts";
import {
  type CheckpointEntry,
  keyOfShortName,
  listCheckpoints,
  shortName,
} from "./list-checkpoints.ts";

export interface CheckpointReference {
  readonly job: string;
  /** A savepoint's name, `<generation>/<epoch>`, "latest" for the newest that is complete, or a manifest's key. */
  readonly reference: string;
}

type ReferencePorts = Pick<Ports, "objects" | "control" | "clock">;

/** As many are named where a reference leads nowhere. */
const shownMax = 10;

/**
 * The key of the manifest that somebody means.
 * @throws MillraceError `reference-unknown`, `reference-ambiguous`, `epoch-expired`, and what reading the manifests throws
 */
export async function resolveReference(
  ports: ReferencePorts,
  { job, reference }: CheckpointReference,
): Promise<string> {
  const key = placeOfManifest(reference) === undefined ? keyOfShortName(job, reference) : reference;
  const entries = await listCheckpoints(ports, job);
  if (key !== undefined) {
    if ((await readManifestOrTombstone(ports.objects, key)) !== undefined) return key;
    throw await unknown(ports, { job, reference }, entries);
  }
  const named = entries.filter(
    ({ status, savepoint }) => status === "complete" && savepoint === reference,
  );
  if (reference === "latest") return latest(ports, { job, reference }, entries, named);
  if (named.length > 1) throw ambiguous({ job, reference }, named);
  const manifest = named[0]?.manifest;
  if (manifest !== undefined) return manifest;
  throw await unknown(ports, { job, reference }, entries);
}

async function latest(
  ports: ReferencePorts,
  about: CheckpointReference,
  entries: readonly CheckpointEntry[],
  named: readonly CheckpointEntry[],
): Promise<string> {
  const newest = entries.findLast(({ status }) => status === "complete" || status === "unreadable");
  if (newest?.manifest === undefined) throw await unknown(ports, about, entries);
  // A newer one that can't be read: going back behind it is not what was asked for.
  if (newest.status === "unreadable") await readManifestOrTombstone(ports.objects, newest.manifest);
  if (named.some(({ manifest }) => manifest !== newest.manifest))
    throw ambiguous(about, [...named, newest]);
  return newest.manifest;
}

function ambiguous(
  { job, reference }: CheckpointReference,
  all: readonly CheckpointEntry[],
): Error {
  return inputError("reference-ambiguous", {
    message: `"${reference}" can mean ${all.length} checkpoints of job "${job}": ${all.map(shortName).join(", ")}.`,
    next: "Name the one that you mean by generation and epoch.",
  });
}

async function unknown(
  ports: ReferencePorts,
  { job, reference }: CheckpointReference,
  entries: readonly CheckpointEntry[],
): Promise<Error> {
  const request = await requestNamed(ports, job, reference);
  const what =
    request === undefined
      ? `Job "${job}" has no checkpoint or savepoint "${reference.slice(0, 200)}".`
      : `Savepoint "${reference}" of job "${job}" ${request}`;
  return stateError("reference-unknown", {
    message: `${what} ${whatThereIs(entries)}`,
    next: "A checkpoint is named by its savepoint's name, by <generation>/<epoch>, by its manifest's key, or as latest.",
  });
}

/** What has become of a savepoint that was asked for and is not there. */
async function requestNamed(
  ports: ReferencePorts,
  job: string,
  id: string,
): Promise<string | undefined> {
  const generation = await readGeneration(ports, job);
  if (generation === undefined) return undefined;
  const { epochs } = await readEpochs(ports, job, generation.generation);
  const request = epochs.requests.find((candidate) => candidate.id === id);
  switch (request?.status) {
    case undefined:
      return undefined;
    case "asked":
      return "was asked for and is not complete yet.";
    case "failed":
      return `failed: ${request.reason ?? "its epoch expired."}`;
    case "complete":
      return "was complete, and has been deleted since.";
  }
}

function whatThereIs(entries: readonly CheckpointEntry[]): string {
  const complete = entries.filter(({ status }) => status === "complete");
  if (complete.length === 0) return "None of its epochs is complete.";
  const shown = complete
    .slice(-shownMax)
    .map((entry) =>
      entry.savepoint === undefined ? shortName(entry) : `${entry.savepoint} (${shortName(entry)})`,
    );
  const more = complete.length > shownMax ? ` and ${complete.length - shownMax} older ones` : "";
  return `There ${complete.length === 1 ? "is" : "are"}: ${shown.join(", ")}${more}.`;
}
