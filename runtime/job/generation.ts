import { deploymentError, storeError } from "../errors/millrace-error.ts";
import { rowKeys } from "../layout/names.ts";
import { covers } from "../serde/hash-space.ts";
import type { ControlRow, Ports, Shard } from "../ports/index.ts";
import { fromControlValue, toControlValue } from "../serde/control-value.ts";
import type { Plan } from "../plan/plan.ts";
import { checkPhysicalOwners } from "./physical-owners.ts";
import { feedsOf, splitReaderOf } from "./feeds.ts";
import { slotOfShard } from "./slot-ref.ts";
import { startingProgress, writeProgress } from "./progress.ts";
import type { JobRuntime } from "./job-runtime.ts";

/** The row that says which generation of a job lives: read strongly by every batch (protocol 3.0). */
export interface Generation {
  readonly generation: number;
  readonly plan: string;
  readonly ringSize: number;
  /** When it was published, by the publisher's clock. */
  readonly publishedMs: number;
  /**
   * When this life of the job began: its first generation was published, by the publisher's clock. Every later generation of it
   * has the same (protocol 9.1). Absent: it began before this was noted.
   */
  readonly incarnation?: number;
  /** The slots that it starts from: whoever is neither listed nor descends from one of them is passed over. */
  readonly slots: readonly string[];
  /** No batch of it is processed any more. */
  readonly ended: boolean;
  /** How it ended: everything was delivered and nothing can come, it was stopped with a savepoint, or it was given up. */
  readonly outcome?: GenerationOutcome;
  /** Key of the manifest that it was restored from. */
  readonly restoredFrom?: string;
  /** Key of the manifest that it was stopped with. */
  readonly savepoint?: string;
  /** The job wants its checkpoints, savepoints excepted, to go when it is cancelled: garbage collection sees to it. */
  readonly onCancel?: "delete";
}

export type GenerationOutcome = "finished" | "stopped" | "cancelled";

/** A row's rank: the generation, and whether it has ended. */
function rankOf(generation: Generation): number {
  return generation.generation * 2 + (generation.ended ? 1 : 0);
}

export async function readGeneration(
  ports: Pick<Ports, "control">,
  job: string,
): Promise<Generation | undefined> {
  const row = await ports.control.get(rowKeys.generation(job));
  return row === undefined ? undefined : fromControlValue<Generation>(row);
}

/**
 * Publishes the first generation of a job if none lives, and answers the one that does. Progress rows of its slots
 * exist before it is published (protocol 5.5).
 */
export async function ensureGeneration(job: JobRuntime): Promise<Generation> {
  const { ports, plan, names, settings } = job;
  checkPhysicalOwners(plan, names);
  const known = await readGeneration(ports, plan.job);
  if (known !== undefined) return checkPlan(known, plan);
  const slots = await startingSlots(job);
  const publishedMs = ports.clock.nowMs();
  const published: Generation = {
    generation: 1,
    incarnation: publishedMs,
    plan: plan.fingerprint,
    ringSize: settings.ringSize,
    publishedMs,
    slots,
    ended: false,
    ...onCancelOf(job),
  };
  const outcome = await ports.control.put(rowOf(plan.job, published), { kind: "absent" });
  return outcome.written
    ? published
    : checkPlan((await readGeneration(ports, plan.job)) ?? published, plan);
}

/** What becomes of checkpoints is noted in the row, since a job is cancelled without its code. */
export function onCancelOf({ graph }: JobRuntime): Pick<Generation, "onCancel"> {
  return graph.options.checkpoints.onCancel === "delete" ? { onCancel: "delete" } : {};
}

/** Marks a generation as ended; a newer one is left alone. Answers whether it was this call. */
export async function endGeneration(
  ports: Ports,
  job: string,
  generation: Generation,
  end: { readonly outcome: GenerationOutcome; readonly savepoint?: string } = {
    outcome: "finished",
  },
): Promise<boolean> {
  const { written } = await ports.control.put(rowOf(job, { ...generation, ...end, ended: true }), {
    kind: "rank",
    rank: rankOf(generation),
  });
  return written;
}

/** Publishes a generation if the one that it follows is still the newest. */
export async function publishGeneration(
  ports: Ports,
  job: string,
  {
    after,
    generation,
  }: { readonly after: Generation | undefined; readonly generation: Generation },
): Promise<boolean> {
  const { written } = await ports.control.put(
    rowOf(job, generation),
    after === undefined ? { kind: "absent" } : { kind: "rank", rank: rankOf(after) },
  );
  return written;
}

/** @throws MillraceError `plan-changed` where the job that runs is not the one that the state belongs to. */
export function checkPlan(generation: Generation, plan: Plan): Generation {
  if (generation.plan === plan.fingerprint) return generation;
  throw deploymentError("plan-changed", {
    message:
      `Job "${plan.job}" has state of generation ${generation.generation} that was written by plan ${generation.plan}, ` +
      `but the job's plan is now ${plan.fingerprint}.`,
    next: "Run the job as it was, bring its state to the new version with `millrace restore latest <job.ts>`, or give it a new name (embedded: another --dir) to start without.",
  });
}

async function startingSlots(job: JobRuntime): Promise<readonly string[]> {
  const { ports, plan, names } = job;
  const slots: string[] = [];
  for (const feed of feedsOf(plan, names)) {
    const splits = await splitReaderOf(job, feed).list();
    if (feed.dividesHashSpace && !covers(splits)) throw incompleteList(feed.stream);
    for (const shard of oldestShards(splits)) {
      const slot = slotOfShard(job, feed.stream, shard.shardId);
      slots.push(slot.name);
      const range = { firstHash: shard.firstHash, lastHash: shard.lastHash };
      await writeProgress(
        ports,
        { job: plan.job, generation: 1 },
        startingProgress(slot, range, ports.clock.nowMs()),
      );
    }
  }
  return slots;
}

/** protocol 5.5: whoever started without a shard would pass its records over as foreign, for the life of the generation. */
export function incompleteList(stream: string): Error {
  return storeError("shards-incomplete", {
    message: `The list of the shards of stream "${stream}" leaves a part of the hash space out.`,
    next: "A list may be some seconds old: it is read again.",
    retryable: true,
  });
}

/** Those without a retained parent: what descends from them takes over, as always. */
export function oldestShards(shards: readonly Shard[]): readonly Shard[] {
  const listed = new Set(shards.map(({ shardId }) => shardId));
  return shards.filter(({ parents }) => !parents.some((parent) => listed.has(parent)));
}

function rowOf(job: string, generation: Generation): ControlRow {
  return {
    ...rowKeys.generation(job),
    rank: rankOf(generation),
    value: toControlValue(generation),
  };
}
