import { isMillraceError, stateError } from "../../errors/millrace-error.ts";
import type { Frame, FramePointer, Tick } from "../../exchange/frame.ts";
import { toFrame, toFramePointer, toSent, toTick } from "../../exchange/sent-shape.ts";
import type { StreamRecord } from "../../ports/index.ts";
import { elementsDone } from "../../job/slot-meta.ts";
import { envelopeKind, openEnvelope } from "../../serde/envelope.ts";
import type { SlotImage } from "../image/slot-image.ts";

/** A record of an exchange shard, opened: everything a step needs is in memory before it begins. */
export type ExchangeInput =
  | { readonly kind: "frame"; readonly sequence: string; readonly frame: Frame }
  | { readonly kind: "tick"; readonly sequence: string; readonly tick: Tick }
  /** Not of this job or generation, or nothing of ours at all: passed over. */
  | { readonly kind: "foreign"; readonly sequence: string };

export interface OpenedRecords {
  readonly inputs: readonly ExchangeInput[];
  /** Some records were left closed. */
  readonly isPartial: boolean;
}

/**
 * Opens the records of an exchange shard that follow the cursor, and fetches the frames that stand in objects: as many as
 * `stepMaxBytes` holds, and one at least.
 * @throws MillraceError `format-corrupt` for a record that is ours and can't be read, `format-unknown`, `frame-missing`
 */
export async function openExchangeRecords(
  image: SlotImage,
  records: readonly StreamRecord[],
): Promise<OpenedRecords> {
  const inputs: ExchangeInput[] = [];
  const { job, meta } = image;
  let bytes = 0;
  for (const record of records) {
    // protocol 3.1: what was done before is not looked into.
    if (elementsDone(meta.cursor, record.sequence) === Number.POSITIVE_INFINITY) continue;
    if (bytes >= job.settings.stepMaxBytes) return { inputs, isPartial: true };
    const input = await openRecord(image, record);
    inputs.push(input);
    if (input.kind === "frame")
      bytes += input.frame.blocks.reduce((sum, { elements }) => sum + elements.length, 0);
  }
  return { inputs, isPartial: false };
}

async function openRecord(image: SlotImage, record: StreamRecord): Promise<ExchangeInput> {
  const { sequence, data } = record;
  try {
    const input = await openEnveloped(image, record);
    if (input !== undefined) return input;
  } catch (thrown) {
    // protocol 4.5: what is ours and damaged stops the slot, unless it came before there was anything of this generation.
    if (!isCorrupt(thrown) || !isOlder(image, record)) throw thrown;
  }
  image.job.ports.telemetry.alarm("exchange-record-foreign", { sequence, bytes: data.length });
  return { kind: "foreign", sequence };
}

/** Undefined where the record is nothing of ours. */
async function openEnveloped(
  { job: { ports, plan }, generation }: SlotImage,
  { sequence, data }: StreamRecord,
): Promise<ExchangeInput | undefined> {
  const kind = envelopeKind(data);
  if (kind === undefined) return undefined;
  const about = `Record ${sequence} of the exchange`;
  const sent = toSent(openEnvelope(kind, data, ports.compression, about), about);
  // protocol 4.5: whatever another job or generation sent is passed over.
  if (sent.job !== plan.job || sent.generation !== generation.generation)
    return { kind: "foreign", sequence };
  if (kind === "tick") return { kind, sequence, tick: toTick(sent, about) };
  if (kind === "frame") return { kind, sequence, frame: toFrame(sent, about) };
  const { objectKey } = toFramePointer(sent, about);
  const object = `Object "${objectKey}"`;
  const frame = openEnvelope("frame", await readFrame(ports, objectKey), ports.compression, object);
  return { kind: "frame", sequence, frame: toFrame(toSent(frame, object), object) };
}

const isCorrupt = (thrown: unknown): boolean =>
  isMillraceError(thrown) && thrown.code === "format-corrupt";

/** Nothing of a generation is put into the exchange before the generation is published. */
function isOlder({ job, generation }: SlotImage, { arrivalMs }: StreamRecord): boolean {
  return arrivalMs < generation.publishedMs - job.settings.fenceSkewMs;
}

async function readFrame(
  { objects }: SlotImage["job"]["ports"],
  key: FramePointer["objectKey"],
): Promise<Uint8Array> {
  const data = await objects.get(key);
  if (data !== undefined) return data;
  throw stateError("frame-missing", {
    message: `The exchange names frame object "${key}", which is not in the object store.`,
    next: "Keep objects under frames/ for at least the exchange stream's retention.",
  });
}
