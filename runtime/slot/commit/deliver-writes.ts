import { encodeAppended } from "../../connectors/record-id.ts";
import { isMillraceError, messageOf, storeError } from "../../errors/millrace-error.ts";
import type { SinkWrite } from "../../graph/connectors.ts";
import type { KeyedWrite, Ports, PutEntry } from "../../ports/index.ts";
import type { SinkWrites } from "../image/commit-body.ts";
import type { SlotEnvironment } from "../image/environment.ts";
import { type Delivery, outOfTime } from "./delivery.ts";
import { physicalStream, sinkNodeOf } from "../../job/job-runtime.ts";
import { type Refusal, writeOff } from "./refused-writes.ts";
import { producerOf, writeRows } from "./row-writer.ts";
import type { SlotImage } from "../image/slot-image.ts";

type NumberedWrite = SinkWrites["writes"][number];

/** Writes of the first call to a sink; later ones go by what it took, so that a slow store has something to show early. */
const firstWrites = 25;
const writesMax = 200;
/**
 * Where nobody says when the invocation is over, a call takes as many as it writes in this time: it may be stopped all the same, and
 * each call has its own costs.
 */
const unhurriedMs = 100;
const unhurriedMax = 5_000;
/** Clocks count whole milliseconds, but no write takes none. */
const writeMsMin = 0.001;
/** Below this share of its time an invocation begins no further call. */
const reservedShare = 0.1;

/** Writes what one sink is given, call by call, and notes how far it has come. */
export async function deliverWrites(
  delivery: Delivery,
  { sink, writes }: SinkWrites,
): Promise<void> {
  const { environment, progress } = delivery;
  const { clock } = delivery.image.job.ports;
  const lane = `sink/${sink}`;
  let size = sizeOfCall(environment, sink, writesMax);
  let done = progress.doneOf(lane);
  while (done < writes.length) {
    const some = writes.slice(done, done + size);
    const startMs = clock.nowMs();
    const refusals = await writeTaken(delivery, sink, some);
    environment.writeMs.set(sink, (clock.nowMs() - startMs) / some.length);
    if (refusals.length > 0) await writeOff(delivery, { sink, refusals });
    done += some.length;
    progress.advance(lane, done);
    // A refusal is an outcome of the delivery: it is recorded before anything else, so that it is counted once.
    if (refusals.length > 0) await progress.mark();
    if (done === writes.length) return;
    if (environment.time.shareLeft() < reservedShare) throw outOfTime(delivery);
    await progress.markIfDue();
    size = sizeOfCall(environment, sink, size * 2);
  }
}

/** How many writes the next call takes, by what each took in the last one, perhaps of another delivery. */
export function sizeOfCall(
  { time, writeMs }: Pick<SlotEnvironment, "time" | "writeMs">,
  sink: string,
  max: number,
): number {
  const known = writeMs.get(sink);
  if (known === undefined) return firstWrites;
  const tookMs = Math.max(known, writeMsMin);
  const remainingMs = time.remainingMs();
  // No call is begun that would hardly be over in time.
  const size = Number.isFinite(remainingMs)
    ? Math.min(max, writesMax, Math.floor(remainingMs / 2 / tookMs))
    : Math.min(unhurriedMax, Math.floor(unhurriedMs / tookMs));
  return Math.max(1, size);
}

/** A row that the store refuses is offered so often: it may be a rule that is being changed. */
const offersMax = 3;
const offerPauseMs = 200;

/** Writes some of a sink's writes, and answers those that the store does not take. */
async function writeTaken(
  delivery: Delivery,
  sink: string,
  writes: readonly NumberedWrite[],
): Promise<readonly Refusal[]> {
  const { image, progress } = delivery;
  // One that refuses was asked often enough with the first of its rows.
  const offers = (progress.refused[sink] ?? 0) > 0 ? 1 : offersMax;
  let refusals: readonly Refusal[] = [];
  let pending = writes;
  for (let offer = 1; offer <= offers && pending.length > 0; offer++) {
    if (offer > 1) await image.job.ports.clock.sleep(offerPauseMs * (offer - 1));
    refusals = await offerOnce(delivery, sink, pending);
    pending = refusals.map(({ write }) => write);
  }
  return refusals;
}

async function offerOnce(
  delivery: Delivery,
  sink: string,
  writes: readonly NumberedWrite[],
): Promise<readonly Refusal[]> {
  const { job } = delivery.image;
  const { target } = sinkNodeOf(job, sink).sink;
  const rows: KeyedWrite[] = [];
  const appends: PutEntry[] = [];
  for (const [index, write] of writes) {
    const order = {
      generation: delivery.image.generation.generation,
      version: delivery.version,
      index,
    };
    if (write.kind === "append") appends.push(entryOf(delivery.image, order, write));
    else rows.push(toKeyedWrite(write, order));
  }
  // A sink either writes rows or appends.
  if (appends.length > 0) {
    const refused = await putAll(job.ports, physicalStream(job.names, target), appends);
    return refused.map(({ at, reason }) => ({ write: writes[at]!, reason }));
  }
  const summary = await writeRows(delivery, sink, rows);
  return (summary.refused ?? []).map(({ at, reason }) => ({ write: writes[at]!, reason }));
}

function toKeyedWrite(
  write: SinkWrite & { kind: "upsert" | "delete" },
  order: KeyedWrite["order"],
): KeyedWrite {
  return write.kind === "upsert"
    ? { key: write.key, row: write.row, order }
    : { key: write.key, order };
}

function entryOf(
  image: SlotImage,
  order: KeyedWrite["order"],
  write: SinkWrite & { kind: "append" },
): PutEntry {
  return {
    partitionKey: write.partitionKey,
    data: encodeAppended({ slot: producerOf(image), ...order }, write.value),
  };
}

const putAttemptsMax = 10;
const putFirstBackoffMs = 20;

interface RefusedEntry {
  readonly at: number;
  readonly reason: string;
}

/** Puts records and puts again what was throttled: at least once each. Answers those that no stream would take. */
async function putAll(
  ports: Ports,
  stream: string,
  entries: readonly PutEntry[],
): Promise<readonly RefusedEntry[]> {
  const refused: RefusedEntry[] = [];
  let pending = entries.map((entry, at) => ({ entry, at }));
  for (let attempt = 0; pending.length > 0; attempt++) {
    if (attempt === putAttemptsMax) throw throttled(stream, pending.length);
    if (attempt > 0) await ports.clock.sleep(Math.min(putFirstBackoffMs * 2 ** attempt, 2_000));
    try {
      const some = pending.map(({ entry }) => entry);
      const results = await ports.writer.put(stream, some);
      pending = pending.filter((_, index) => results[index]?.put !== true);
    } catch (thrown) {
      // A put is refused as a whole, whichever of its records is at fault: then each goes by itself.
      if (!isMillraceError(thrown) || thrown.domain !== "input") throw thrown;
      if (entries.length === 1) return [{ at: 0, reason: messageOf(thrown) }];
      for (const { entry, at } of pending)
        for (const { reason } of await putAll(ports, stream, [entry])) refused.push({ at, reason });
      return refused;
    }
  }
  return refused;
}

function throttled(stream: string, count: number): Error {
  return storeError("append-throttled", {
    message: `${count} records could not be put into stream "${stream}": it keeps throttling.`,
    next: "The batch is tried again; give the stream more shards if this lasts.",
    retryable: true,
  });
}
