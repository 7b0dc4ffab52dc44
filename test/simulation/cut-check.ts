import type { Manifest } from "../../runtime/checkpoint/manifest.ts";
import type { Part } from "../../runtime/checkpoint/part.ts";
import { envelopeKind } from "../../runtime/serde/envelope.ts";
import type { SlotMeta } from "../../runtime/job/slot-meta.ts";
import { type Block, ofPlainBlock, unpackBlock } from "../../runtime/exchange/frame.ts";
import { opened } from "./opened.ts";

/** What is wrong with an epoch that is about to be complete: what it lacks, and effects whose cause lies behind the cut. */
export function faultsOfCut(
  { slots }: Manifest,
  read: (key: string) => Uint8Array | undefined,
): readonly string[] {
  const faults: string[] = [];
  const cuts = new Map(slots.map(({ slot, version }) => [slot, version]));
  for (const { slot, part, version, segments, inFlight } of slots) {
    const data = read(part.key);
    if (data === undefined) {
      faults.push(`part ${part.key} is not there`);
      continue;
    }
    const { meta } = opened<Part<SlotMeta>>("part", data);
    if (meta.version !== version || part.version !== version)
      faults.push(`${slot} has a part of v${meta.version}, and its cut is v${version}`);
    for (const { key } of [...segments, ...(inFlight === undefined ? [] : [inFlight])])
      if (read(key) === undefined) faults.push(`object ${key} is not there`);
    const doubled = inFlight === undefined ? undefined : doubledIn(read(inFlight.key));
    if (doubled !== undefined) faults.push(`${slot} has ${doubled} in flight twice`);
    const applied = Object.entries(meta.marks).map(
      ([upstream, marks]) => [upstream, Math.max(...marks.map(([, , mark]) => mark))] as const,
    );
    for (const [upstream, highest] of [...applied, ...Object.entries(meta.broadcastMarks ?? {})]) {
      const cut = cuts.get(upstream);
      if (cut !== undefined && highest > cut)
        faults.push(`${slot} has applied v${highest} of ${upstream}, which was cut at v${cut}`);
    }
  }
  return faults;
}

/** What was made of an item has its id, and is made once: the first that stands twice among what was in flight to a stage. */
function doubledIn(data: Uint8Array | undefined): string | undefined {
  const seen = new Set<string>();
  for (const block of data === undefined ? [] : opened<readonly Block[]>("inFlight", data)) {
    for (const value of unpackBlock(ofPlainBlock(block)).values) {
      const id = (value as { readonly id?: unknown } | null)?.id;
      if (typeof id !== "string") continue;
      const place = `${block.stage} ${JSON.stringify(value)}`;
      if (seen.has(place)) return place;
      seen.add(place);
    }
  }
  return undefined;
}

/** The generation that a record of the exchange belongs to. */
export function generationOfExchange(data: Uint8Array): number | undefined {
  const kind = envelopeKind(data);
  if (kind !== "tick" && kind !== "frame" && kind !== "framePointer") return undefined;
  return opened<{ readonly generation: number }>(kind, data).generation;
}
