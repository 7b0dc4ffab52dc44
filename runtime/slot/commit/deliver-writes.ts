import { directSpecOf, resourceOf } from "../../connectors/sinks.ts";
import { retry, type RetryPolicy } from "../../retry/retry.ts";
import type { SinkWrites } from "../image/commit-body.ts";
import type { SlotEnvironment } from "../image/environment.ts";
import { type Delivery, outOfTime } from "./delivery.ts";
import { physicalName, sinkNodeOf } from "../../job/job-runtime.ts";
import { type Refusal, writeOff } from "./refused-writes.ts";
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
const offering: RetryPolicy = { triesMax: 3, firstPauseMs: 400, pauseMaxMs: 800 };

/** Writes some of a sink's writes, and answers those that the store does not take. */
async function writeTaken(
  delivery: Delivery,
  sink: string,
  writes: readonly NumberedWrite[],
): Promise<readonly Refusal[]> {
  const { image, progress } = delivery;
  // One that refuses was asked often enough with the first of its rows.
  const triesMax = (progress.refused[sink] ?? 0) > 0 ? 1 : offering.triesMax;
  let refusals: readonly Refusal[] = [];
  let pending = writes;
  await retry(image.job.ports, { ...offering, triesMax }, async () => {
    refusals = await offerOnce(delivery, sink, pending);
    pending = refusals.map(({ write }) => write);
    return pending.length === 0 ? "done" : "failed";
  });
  return refusals;
}

async function offerOnce(
  delivery: Delivery,
  sink: string,
  writes: readonly NumberedWrite[],
): Promise<readonly Refusal[]> {
  const { image, version } = delivery;
  const { job, generation } = image;
  const connector = sinkNodeOf(job, sink).sink;
  const spec = directSpecOf(connector.type);
  // What waits for an epoch is not delivered.
  if (spec === undefined) return [];
  const { superseded, refused } = await spec.write(
    {
      ports: job.ports,
      sink: connector,
      target: physicalName(job.names, resourceOf(connector)),
      job: job.plan.job,
      incarnation: generation.incarnation ?? 0,
      producer: producerOf(image),
    },
    writes.map(([index, write]) => ({
      write,
      order: { generation: generation.generation, version, index },
    })),
  );
  if (superseded > 0) noteSuperseded(delivery, superseded);
  return refused.map(({ at, reason }) => ({ write: writes[at]!, reason }));
}

function noteSuperseded({ image, version }: Delivery, count: number): void {
  image.job.ports.telemetry.count("supersededRows", count);
  if (image.meta.version !== version) return;
  // Shown in the progress row of the version that is delivered, and kept by the next commit.
  const { counters } = image.meta;
  const superseded = (counters.superseded ?? 0) + count;
  image.meta = { ...image.meta, counters: { ...counters, superseded } };
}

/** Who appends records, for readers that drop what comes twice: slots of another life of the job are others (protocol 9.3). */
function producerOf({ job, generation, slot }: SlotImage): string {
  const { incarnation } = generation;
  const life = incarnation === undefined ? "" : `@${incarnation}`;
  return `${job.plan.job}${life}/${slot.name}`;
}
