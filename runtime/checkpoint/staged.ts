import { stateError } from "../errors/millrace-error.ts";
import { objectNames, type VersionPlace } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import { type EpochsRow, readEpochs } from "./epochs.ts";
import type { Manifest } from "./manifest.ts";
import { openEnvelope, sealEnvelope } from "../serde/envelope.ts";
import { joinBytes } from "../serde/join-bytes.ts";

/** What the commits of a slot have given a sink that waits for epochs, and no object holds yet. */
export interface Collected {
  readonly sink: string;
  readonly count: number;
  readonly content: Uint8Array;
}

/** An object that becomes visible when an epoch is complete that names it (docs/protocol.md 6.9). */
export interface StagedRef {
  readonly key: string;
  readonly sink: string;
  /** The slot's epoch when it was written: complete ones above it have it. */
  readonly epoch: number;
  /** Writes in it, and their bytes. */
  readonly count: number;
  readonly bytes: number;
}

/** What an epoch makes visible: each once, whichever of its slots name it. */
export function stagedOf({ slots }: Pick<Manifest, "slots">): readonly StagedRef[] {
  const staged = slots.flatMap((slot) => slot.staged ?? []);
  return [...new Map(staged.map((ref) => [ref.key, ref])).values()];
}

/** Whether all of an epoch is visible: its row says so. Where there is no row, its savepoint was copied when it was. */
export async function isCommitted(
  ports: Pick<Ports, "control">,
  manifest: Manifest,
): Promise<boolean> {
  if (stagedOf(manifest).length === 0) return true;
  const { job, generation, epoch } = manifest;
  const row: EpochsRow = await readEpochs(ports, job, generation);
  return row.rank === undefined || (row.epochs.completed ?? 0) >= epoch;
}

export async function writeStaged(
  ports: Ports,
  place: VersionPlace,
  {
    sink,
    epoch,
    collected,
  }: Pick<StagedRef, "sink" | "epoch"> & { collected: readonly Collected[] },
): Promise<StagedRef> {
  const content = joinBytes(collected.map((some) => some.content));
  const key = objectNames.staged(place);
  await ports.objects.put(key, sealEnvelope("staged", { content }, ports.compression));
  const count = collected.reduce((sum, some) => sum + some.count, 0);
  return { key, sink, epoch, count, bytes: content.length };
}

/** @throws MillraceError `staged-missing`, `format-corrupt` */
export async function readStaged(
  ports: Pick<Ports, "objects" | "compression">,
  { key }: StagedRef,
): Promise<Uint8Array> {
  const data = await ports.objects.get(key);
  if (data !== undefined) {
    const opened = openEnvelope("staged", data, ports.compression, `Object "${key}"`);
    return (opened as { readonly content: Uint8Array }).content;
  }
  throw stateError("staged-missing", {
    message: `Object "${key}" is not in the object store: an epoch is complete whose results it holds.`,
    next: "Objects of a job must not be deleted by anything but Millrace; restore the object's previous version.",
  });
}
