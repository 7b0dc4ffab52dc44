import { stateError } from "../errors/millrace-error.ts";
import { objectNames } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import { openEnvelope, sealEnvelope } from "../serde/envelope.ts";
import type { EnvelopeKind } from "../serde/formats.ts";
import { type Block, ofPlainBlock, plainBlock } from "../exchange/frame.ts";
import type { BroadcastDelta } from "../state/broadcast-delta.ts";
import type { Collected } from "./staged.ts";
import type { StateDelta } from "../state/state-delta.ts";

/**
 * A slot's state at a version, in the object store: its meta, its broadcast state and the segments that together hold its keyed state
 * (docs/protocol.md 3.6). Segments are immutable and shared between parts; a later one overrides an earlier one.
 */
export interface Part<Meta> {
  readonly slot: string;
  readonly version: number;
  /** Nonce of the log row of `version`. */
  readonly nonce: string | undefined;
  readonly meta: Meta;
  readonly segments: readonly SegmentRef[];
  /** The segments hold keys of other slots too: only own keys are loaded. Written by a restore. */
  readonly clip?: boolean;
  /** Broadcast state as a whole, where there is any (protocol 4.9). */
  readonly broadcast?: readonly BroadcastDelta[];
  /** Blocks that were taken from the wire and are applied before any record (protocol 6.6). */
  readonly pending?: readonly Block[];
  /** Blocks recorded for the epoch that the slot has cut for and not closed yet (protocol 6.3). */
  readonly recorded?: readonly Block[];
  /** What was collected for the next epoch and is in no object of its own yet (protocol 6.9). */
  readonly collected?: readonly Collected[];
}

/** Where a part is, and of which version: what a progress row names. */
export interface PartRef {
  readonly key: string;
  readonly version: number;
}

/** Blocks that were in flight when an epoch was cut: an object of their own. */
export interface InFlightRef {
  readonly key: string;
  readonly bytes: number;
  readonly elements: number;
}

export interface SegmentRef {
  readonly key: string;
  readonly bytes: number;
}

/** What reading takes. */
type ReadPorts = Pick<Ports, "objects" | "compression">;

/** More segments than this are merged into one. */
const segmentsMax = 16;
/** So are segments that outweigh the state by this factor. */
const wasteFactor = 2;

export interface PartToWrite<Meta> {
  readonly job: string;
  readonly generation: number;
  readonly slot: string;
  readonly version: number;
  readonly nonce: string | undefined;
  readonly meta: Meta;
  /** The part before, whose segments can be kept. */
  readonly before: Part<Meta> | undefined;
  /** What changed since that part. */
  readonly changes: readonly StateDelta[];
  readonly stateBytes: number;
  /** The whole state, asked for only when the segments are merged. */
  readonly whole: () => readonly StateDelta[];
  readonly broadcast: readonly BroadcastDelta[];
  readonly pending: readonly Block[];
  readonly recorded: readonly Block[];
  readonly collected: readonly Collected[];
}

/** Writes a part and answers where it is. Nothing names it yet: the caller does, in the progress row. */
export async function writePart<Meta>(ports: Ports, part: PartToWrite<Meta>): Promise<PartRef> {
  const kept = part.before?.segments ?? [];
  const keptBytes = kept.reduce((sum, segment) => sum + segment.bytes, 0);
  const merge =
    part.before === undefined ||
    kept.length >= segmentsMax ||
    keptBytes > wasteFactor * part.stateBytes + 65_536;
  const deltas = merge ? part.whole() : part.changes;
  const segments: SegmentRef[] = merge ? [] : [...kept];
  const place = { ...part, id: ports.random.id() };
  if (deltas.length > 0) {
    segments.push(await writeSegment(ports, objectNames.segment(place), deltas));
  }
  const { slot, version, nonce, meta, broadcast, pending, recorded, collected } = part;
  const key = objectNames.part(place);
  await putPart<Meta>(ports, key, {
    slot,
    version,
    nonce,
    meta,
    segments,
    ...(broadcast.length === 0 ? {} : { broadcast }),
    ...(pending.length === 0 ? {} : { pending }),
    ...(recorded.length === 0 ? {} : { recorded }),
    ...(collected.length === 0 ? {} : { collected }),
  });
  return { key, version };
}

export async function putPart<Meta>(ports: Ports, key: string, part: Part<Meta>): Promise<void> {
  await ports.objects.put(
    key,
    sealEnvelope("part", withBlocks(part, plainBlock), ports.compression),
  );
}

export async function writeSegment(
  ports: Ports,
  key: string,
  deltas: readonly StateDelta[],
): Promise<SegmentRef> {
  const data = sealEnvelope("segment", deltas, ports.compression);
  await ports.objects.put(key, data);
  return { key, bytes: data.length };
}

/** Puts the blocks that were in flight into an object of their own. */
export async function writeInFlight(
  ports: Ports,
  key: string,
  blocks: readonly Block[],
): Promise<InFlightRef> {
  const data = sealEnvelope("inFlight", blocks.map(plainBlock), ports.compression);
  await ports.objects.put(key, data);
  return {
    key,
    bytes: data.length,
    elements: blocks.reduce((sum, { count }) => sum + count, 0),
  };
}

export async function readInFlight(
  ports: ReadPorts,
  { key }: Pick<InFlightRef, "key">,
): Promise<readonly Block[]> {
  return ((await open(ports, "inFlight", key)) as Block[]).map(ofPlainBlock);
}

export async function readPart<Meta>(ports: ReadPorts, key: string): Promise<Part<Meta>> {
  return withBlocks((await open(ports, "part", key)) as Part<Meta>, ofPlainBlock);
}

function withBlocks<Meta>(part: Part<Meta>, each: (block: Block) => Block): Part<Meta> {
  const { pending, recorded } = part;
  return {
    ...part,
    ...(pending && { pending: pending.map(each) }),
    ...(recorded && { recorded: recorded.map(each) }),
  };
}

export async function readSegment(
  ports: ReadPorts,
  segment: SegmentRef,
): Promise<readonly StateDelta[]> {
  return (await open(ports, "segment", segment.key)) as readonly StateDelta[];
}

async function open(ports: ReadPorts, kind: EnvelopeKind, key: string): Promise<unknown> {
  return openEnvelope(kind, await readObject(ports, key), ports.compression, `Object "${key}"`);
}

async function readObject({ objects }: ReadPorts, key: string): Promise<Uint8Array> {
  const data = await objects.get(key);
  if (data === undefined) {
    throw stateError("part-missing", {
      message: `Object "${key}" of a part is not in the object store.`,
      next: "Objects of a job must not be deleted by anything but Millrace; restore the object's previous version.",
    });
  }
  return data;
}
