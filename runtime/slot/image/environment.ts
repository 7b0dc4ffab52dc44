import { type FrameSender, frameSender } from "../../exchange/send-frames.ts";
import { type InvocationTime, unlimitedTime } from "./invocation-time.ts";
import type { JobRuntime } from "../../job/job-runtime.ts";
import { checkPhysicalOwners } from "../../job/physical-owners.ts";
import { SlotImages } from "./slot-images.ts";

/**
 * One warm environment: a Lambda instance, or what stands for one in the embedded run. It keeps images of the slots that it
 * has seen; any other environment may see the same slots, so an image is only ever a prefix (protocol 3.0). One invocation
 * at a time.
 */
export interface SlotEnvironment {
  readonly job: JobRuntime;
  readonly images: SlotImages;
  readonly sender: FrameSender;
  /** Of the invocation under way. */
  time: InvocationTime;
  /** By sink, how long each write took in the last call. */
  readonly writeMs: Map<string, number>;
  /** Counts what tests and metrics want to know. */
  note(event: EnvironmentEvent, count?: number): void;
  readonly events: Readonly<Record<EnvironmentEvent, number>>;
}

export type EnvironmentEvent =
  | "loads"
  | "redeliveries"
  | "lostRaces"
  | "commits"
  | "takeovers"
  | "selfReads"
  | "parts"
  | "evictions";

/** @throws MillraceError `names-collide` */
export function createEnvironment(job: JobRuntime): SlotEnvironment {
  checkPhysicalOwners(job.plan, job.names);
  const events: Record<EnvironmentEvent, number> = {
    loads: 0,
    redeliveries: 0,
    lostRaces: 0,
    commits: 0,
    takeovers: 0,
    selfReads: 0,
    parts: 0,
    evictions: 0,
  };
  return {
    job,
    images: new SlotImages(job.ports.heap),
    sender: frameSender({
      ports: job.ports,
      stream: job.names.exchangeStream,
      groupCount: job.plan.maxParallelism,
      inlineMaxBytes: job.settings.frameInlineMaxBytes,
    }),
    time: unlimitedTime,
    writeMs: new Map(),
    events,
    note: (event, count = 1) => {
      events[event] += count;
    },
  };
}
