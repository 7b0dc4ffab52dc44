import { type JobRuntime, physicalStream } from "./job-runtime.ts";
import type { Plan } from "../plan/plan.ts";
import { exchangeSlots } from "../plan/plan.ts";
import { deploymentError } from "../errors/millrace-error.ts";
import type { LogName } from "../ports/index.ts";

/** One slot of a job: a shard of a source stream or of the exchange stream. */
export interface SlotRef {
  /** `<source uid>/<shard id>` or `exchange/<shard id>`: stable, and unique in the job. */
  readonly name: string;
  /** Uid of the source; absent for an exchange slot. */
  readonly source?: string;
  /** Physical name of the stream. */
  readonly stream: string;
  readonly shardId: string;
}

/** Uid of the source whose slot it is, or {@link exchangeSlots}. */
export function ownerOfSlot(name: string): string {
  return name.slice(0, name.lastIndexOf("/"));
}

/** The slot of a shard of one of the job's streams. */
export function slotOfShard(
  job: Pick<JobRuntime, "plan" | "names">,
  stream: string,
  shardId: string,
): SlotRef {
  if (stream === job.names.exchangeStream)
    return { name: `${exchangeSlots}/${shardId}`, stream, shardId };
  const source = job.plan.sources.find(
    (candidate) => physicalStream(job.names, candidate.stream) === stream,
  );
  if (source === undefined) {
    const streams = job.plan.sources.map((one) => physicalStream(job.names, one.stream));
    throw deploymentError("stream-unknown", {
      message: `Records of stream "${stream}" were handed to job "${job.plan.job}", which reads ${streams.join(", ")}.`,
      next: "Remove the event source mapping, or add the stream to the job.",
    });
  }
  return { name: `${source.uid}/${shardId}`, source: source.uid, stream, shardId };
}

export function usesExchange(plan: Plan): boolean {
  return plan.stages.some((stage) => stage.kind === "exchange");
}

/** The log of a slot; its ring has the size that the generation was published with. */
export function logNameOf(
  job: string,
  generation: { readonly generation: number; readonly ringSize: number },
  slot: SlotRef,
): LogName {
  return { job, generation: generation.generation, slot: slot.name, ringSize: generation.ringSize };
}
