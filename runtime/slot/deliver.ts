import { storeError } from "../errors/millrace-error.ts";
import { encodeAppended } from "../connectors/record-id.ts";
import type { SinkWrite } from "../graph/connectors.ts";
import type { FrameSender } from "../exchange/send-frames.ts";
import type { KeyedWrite, Ports, PutEntry } from "../ports/index.ts";
import type { CommitBody, SinkWrites } from "./commit-body.ts";
import { deadLetterKey, encodeDeadLetter } from "./dead-letter.ts";
import { physicalStream, physicalTable, sinkNodeOf } from "./job-runtime.ts";
import type { SlotImage } from "./slot-image.ts";

/**
 * Sends all outputs of a committed version: frames, sink writes and dead letters, side by side (protocol 3.4). Doing it
 * again changes nothing.
 */
export async function deliver(
  image: SlotImage,
  version: number,
  body: CommitBody,
  sender: FrameSender,
): Promise<void> {
  const { job, generation, slot } = image;
  const deliveries: Promise<unknown>[] = [];
  if (body.blocks.length > 0) {
    const { epoch } = body.meta;
    const frame = {
      job: job.plan.job,
      generation: generation.generation,
      plan: job.plan.fingerprint,
      slot: slot.name,
      version,
      epoch,
    };
    deliveries.push(sender.send({ ...frame, blocks: body.blocks }));
  }
  for (const sinkWrites of body.writes) deliveries.push(deliverWrites(image, version, sinkWrites));
  for (const letter of body.deadLetters) {
    deliveries.push(
      job.ports.objects.put(deadLetterKey(letter, generation.generation), encodeDeadLetter(letter)),
    );
  }
  if (body.deadLetters.length > 0) {
    job.ports.telemetry.count("deadLetters", body.deadLetters.length);
    job.ports.telemetry.alarm("dead-letters", {
      slot: slot.name,
      count: body.deadLetters.length,
      first: body.deadLetters[0]?.reason ?? "",
    });
  }
  // Every delivery is waited for, so that none is still under way when the batch is tried again.
  const outcomes = await Promise.allSettled(deliveries);
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
}

async function deliverWrites(
  image: SlotImage,
  version: number,
  { sink, writes }: SinkWrites,
): Promise<void> {
  const { job, generation, slot } = image;
  const { target } = sinkNodeOf(job, sink).sink;
  const rows: KeyedWrite[] = [];
  const appends: PutEntry[] = [];
  for (const [index, write] of writes) {
    const order = { generation: generation.generation, version, index };
    if (write.kind === "append") {
      appends.push({
        partitionKey: write.partitionKey,
        data: encodeAppended({ slot: `${job.plan.job}/${slot.name}`, ...order }, write.value),
      });
    } else rows.push(toKeyedWrite(write, order));
  }
  if (rows.length > 0) await job.ports.tables.write(physicalTable(job.names, target), rows);
  if (appends.length > 0) await putAll(job.ports, physicalStream(job.names, target), appends);
}

function toKeyedWrite(
  write: SinkWrite & { kind: "upsert" | "delete" },
  order: KeyedWrite["order"],
): KeyedWrite {
  return write.kind === "upsert"
    ? { key: write.key, row: write.row, order }
    : { key: write.key, order };
}

const putAttemptsMax = 10;
const putFirstBackoffMs = 20;

/** Puts records and puts again what was throttled: at least once each. */
async function putAll(ports: Ports, stream: string, entries: readonly PutEntry[]): Promise<void> {
  for (let at = 0; at < entries.length; at += 500) {
    let pending = entries.slice(at, at + 500);
    for (let attempt = 0; pending.length > 0; attempt++) {
      if (attempt === putAttemptsMax) throw throttled(stream, pending.length);
      if (attempt > 0) await ports.clock.sleep(Math.min(putFirstBackoffMs * 2 ** attempt, 2_000));
      const results = await ports.writer.put(stream, pending);
      pending = pending.filter((_, index) => results[index]?.put !== true);
    }
  }
}

function throttled(stream: string, count: number): Error {
  return storeError("append-throttled", {
    message: `${count} records could not be put into stream "${stream}": it keeps throttling.`,
    next: "The batch is tried again; give the stream more shards if this lasts.",
    retryable: true,
  });
}
