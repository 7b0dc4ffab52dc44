import type { DirectWrite } from "../../graph/connectors.ts";
import { objectPrefixes } from "../../layout/names.ts";
import { operatorName } from "../../plan/operator-name.ts";
import type { DeadLetter } from "../../job/dead-letter.ts";
import { payloadOf } from "../../job/dead-letter.ts";
import type { Delivery } from "./delivery.ts";
import { putRefusals } from "./put-refusals.ts";
import { sinkNodeOf } from "../../job/job-runtime.ts";
import { placeOf, type SlotImage } from "../image/slot-image.ts";

/** A committed write that its store does not take, whatever is tried. */
export interface Refusal {
  readonly write: readonly [index: number, write: DirectWrite];
  readonly reason: string;
}

interface RefusedWrites {
  readonly sink: string;
  readonly refusals: readonly Refusal[];
}

/** protocol 3.4: no refusal of one row stops a slot. What is refused goes to the dead letters, and somebody is told. */
export async function writeOff(
  { image, version, body, progress }: Delivery,
  { sink, refusals }: RefusedWrites,
): Promise<void> {
  const { job, slot } = image;
  const { ports, plan } = job;
  const { target } = sinkNodeOf(job, sink).sink;
  const letters = refusals.map(({ write: [index, write], reason }): DeadLetter => ({
    format: 1,
    job: plan.job,
    slot: slot.name,
    sequence: body.meta.cursor.sequence ?? "0",
    element: 0,
    kind: "write-refused",
    operator: sink,
    reason,
    write: { target, kind: write.kind, version, index },
    ...payloadOf(contentOf(write)),
    atMs: ports.clock.nowMs(),
  }));
  await putRefusals(
    ports,
    `${objectPrefixes.deadLetters(placeOf(image))}${version}-${sink}`,
    letters,
  );
  progress.refuse(sink, letters.length);
  ports.telemetry.count("deadLetters", letters.length);
  ports.telemetry.count("refusedWrites", letters.length);
  ports.telemetry.alarm("write-refused", {
    slot: slot.name,
    sink,
    target,
    count: letters.length,
    first: letters[0]?.reason ?? "",
  });
}

function contentOf(write: DirectWrite): unknown {
  if (write.kind === "append") return { partitionKey: write.partitionKey, value: write.value };
  return write.kind === "upsert" ? write.row : write.key;
}

/** They count as dead letters of their sink, from the version on whose delivery wrote them off. */
export function countRefused(image: SlotImage, refused: Readonly<Record<string, number>>): void {
  const { counters } = image.meta;
  const byOperator: Record<string, number> = { ...counters.deadLettersByOperator };
  let all = 0;
  for (const [sink, count] of Object.entries(refused)) {
    const name = nameOfSink(image, sink);
    byOperator[name] = (byOperator[name] ?? 0) + count;
    all += count;
  }
  if (all === 0) return;
  const deadLetters = counters.deadLetters + all;
  const counted = { ...counters, deadLetters, deadLettersByOperator: byOperator };
  image.meta = { ...image.meta, counters: counted };
}

function nameOfSink({ job }: SlotImage, sink: string): string {
  for (const stage of job.plan.stages)
    for (const operator of stage.operators)
      if (operator.kind === "sink" && operator.uid === sink) return operatorName(stage, operator);
  return sink;
}
