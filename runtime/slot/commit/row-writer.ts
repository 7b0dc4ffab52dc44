import type { KeyedWrite, KeyedWriteSummary } from "../../ports/index.ts";
import type { Delivery } from "./delivery.ts";
import { physicalTable, sinkNodeOf } from "../../job/job-runtime.ts";
import type { SlotImage } from "../image/slot-image.ts";

/** Writes rows of a sink as those of this job in this life of it (protocol 9.1); what found a newer row in place is counted. */
export async function writeRows(
  { image, version }: Delivery,
  sinkUid: string,
  rows: readonly KeyedWrite[],
): Promise<KeyedWriteSummary> {
  const { job, generation } = image;
  const { sink } = sinkNodeOf(job, sinkUid);
  const { ports, names, plan } = job;
  const summary = await ports.tables.write(physicalTable(names, sink.target), rows, {
    job: plan.job,
    incarnation: generation.incarnation ?? 0,
    takesOver: sink.takesOver ?? false,
  });
  if (summary.superseded > 0) {
    ports.telemetry.count("supersededRows", summary.superseded);
    if (image.meta.version === version) countSuperseded(image, summary.superseded);
  }
  return summary;
}

/** Shown in the progress row of the version that is delivered, and kept by the next commit. */
function countSuperseded(image: SlotImage, count: number): void {
  const { counters } = image.meta;
  const superseded = (counters.superseded ?? 0) + count;
  image.meta = { ...image.meta, counters: { ...counters, superseded } };
}

/** Who appends records, for readers that drop what comes twice: slots of another life of the job are others (protocol 9.3). */
export function producerOf({ job, generation, slot }: SlotImage): string {
  const { incarnation } = generation;
  const life = incarnation === undefined ? "" : `@${incarnation}`;
  return `${job.plan.job}${life}/${slot.name}`;
}
