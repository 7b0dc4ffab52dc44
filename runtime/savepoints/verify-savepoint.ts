import type { Manifest, ManifestSlot } from "../checkpoint/manifest.ts";
import { readInFlight, readPart, readSegment, type SegmentRef } from "../checkpoint/part.ts";
import { stateError } from "../errors/millrace-error.ts";
import { placeOfManifest } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import type { SlotMeta } from "../job/slot-meta.ts";
import { damageOrGone } from "./damage-or-gone.ts";

type VerifyPorts = Pick<Ports, "objects" | "compression">;

/** What a verified epoch consists of. */
export interface VerifiedSavepoint {
  readonly objects: number;
  /** Of parts, segments and blocks in flight. */
  readonly slots: number;
}

/**
 * Opens everything that an epoch refers to, one object after another, and changes nothing: what is damaged is found before a
 * restore or a copy has done anything.
 * @throws MillraceError `part-missing`, `manifest-missing` (it went meanwhile), `format-corrupt`, `format-unknown`,
 *   `savepoint-inconsistent`
 */
export async function verifySavepoint(
  ports: VerifyPorts,
  key: string,
  manifest: Manifest,
): Promise<VerifiedSavepoint> {
  const place = placeOfManifest(key);
  const { job, generation, epoch } = manifest;
  if (place?.job !== job || place.generation !== generation || place.epoch !== epoch)
    throw inconsistent(key, `it speaks of epoch ${generation}/${epoch} of job "${job}"`);
  const seen = new Set<string>();
  for (const slot of manifest.slots)
    await verifySlot(ports, key, slot, seen).catch(damageOrGone(ports.objects, key));
  return { objects: seen.size, slots: manifest.slots.length };
}

async function verifySlot(
  ports: VerifyPorts,
  key: string,
  slot: ManifestSlot,
  seen: Set<string>,
): Promise<void> {
  seen.add(slot.part.key);
  const part = await readPart<SlotMeta>(ports, slot.part.key);
  if (part.slot !== slot.slot || part.version !== slot.version)
    throw inconsistent(
      key,
      `part "${slot.part.key}" is of version ${part.version} of slot ${part.slot}, not of version ${slot.version} of ${slot.slot}`,
    );
  if (names(part.segments) !== names(slot.segments))
    throw inconsistent(key, `part "${slot.part.key}" lists other segments`);
  for (const segment of slot.segments) {
    if (seen.has(segment.key)) continue;
    seen.add(segment.key);
    await readSegment(ports, segment);
  }
  if (slot.inFlight === undefined) return;
  seen.add(slot.inFlight.key);
  await readInFlight(ports, slot.inFlight);
}

/** Every object that an epoch refers to, each once, its manifest excepted. */
export function objectsOf({ slots }: Manifest): readonly string[] {
  return [
    ...new Set(
      slots.flatMap(({ part, segments, inFlight }) => [
        part.key,
        ...segments.map(({ key }) => key),
        ...(inFlight === undefined ? [] : [inFlight.key]),
      ]),
    ),
  ];
}

function names(segments: readonly SegmentRef[]): string {
  return segments.map(({ key }) => key).join("\n");
}

function inconsistent(key: string, what: string): Error {
  return stateError("savepoint-inconsistent", {
    message: `Manifest "${key}" does not fit what it refers to: ${what}.`,
    next: "Restore the objects' previous versions, or use another checkpoint.",
  });
}
