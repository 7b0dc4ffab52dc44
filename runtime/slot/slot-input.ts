import { isMillraceError, stateError } from "../errors/millrace-error.ts";
import type { Frame, FramePointer, Tick } from "../exchange/frame.ts";
import type { Ports, StreamRecord } from "../ports/index.ts";
import { envelopeKind, openEnvelope } from "../serde/envelope.ts";

/** A record of an exchange shard, opened: everything a step needs is in memory before it begins. */
export type ExchangeInput =
  | { readonly kind: "frame"; readonly sequence: string; readonly frame: Frame }
  | { readonly kind: "tick"; readonly sequence: string; readonly tick: Tick }
  /** Not of this job, or nothing that can be read: passed over, with an alarm. */
  | { readonly kind: "foreign"; readonly sequence: string };

/** Opens the records of an exchange shard, and fetches the frames that stand in objects. */
export async function openExchangeRecords(
  ports: Ports,
  job: string,
  records: readonly StreamRecord[],
): Promise<readonly ExchangeInput[]> {
  const inputs: ExchangeInput[] = [];
  for (const record of records) inputs.push(await openRecord(ports, job, record));
  return inputs;
}

async function openRecord(ports: Ports, job: string, record: StreamRecord): Promise<ExchangeInput> {
  const { sequence, data } = record;
  const kind = envelopeKind(data);
  try {
    if (kind === "tick")
      return { kind, sequence, tick: openEnvelope(kind, data, ports.compression) as Tick };
    if (kind === "frame")
      return { kind, sequence, frame: openEnvelope(kind, data, ports.compression) as Frame };
    if (kind === "framePointer") {
      const pointer = openEnvelope(kind, data, ports.compression) as FramePointer;
      return pointer.job === job
        ? await fetchFrame(ports, sequence, pointer)
        : { kind: "foreign", sequence };
    }
  } catch (thrown) {
    if (!isMillraceError(thrown) || thrown.code !== "format-corrupt") throw thrown;
  }
  ports.telemetry.alarm("exchange-record-foreign", { sequence, bytes: data.length });
  return { kind: "foreign", sequence };
}

async function fetchFrame(
  ports: Ports,
  sequence: string,
  pointer: FramePointer,
): Promise<ExchangeInput> {
  const data = await ports.objects.get(pointer.objectKey);
  if (data === undefined) {
    throw stateError("frame-missing", {
      message: `The exchange names frame object "${pointer.objectKey}", which is not in the object store.`,
      next: "Keep objects under frames/ for at least the exchange stream's retention.",
    });
  }
  return {
    kind: "frame",
    sequence,
    frame: openEnvelope("frame", data, ports.compression) as Frame,
  };
}
