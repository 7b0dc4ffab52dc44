import { type Epochs, readEpochs } from "../../checkpoint/epochs.ts";
import { bodyOfMeta } from "../image/commit-body.ts";
import { appendBody, noteAppended, settle } from "./commit-step.ts";
import type { SlotEnvironment } from "../image/environment.ts";
import type { Generation } from "../../job/generation.ts";
import type { SlotImage } from "../image/slot-image.ts";
import { withoutCommitted, withStaged } from "./stage.ts";
import { slotPhase } from "../image/slot-phase.ts";
import { elementsDone } from "../../job/slot-meta.ts";
import type { StepInput } from "../step/step.ts";

/** An epoch that a slot comes to. */
export interface NewEpoch {
  readonly epoch: number;
  readonly stopping: boolean;
}

/**
 * Cuts: a commit that changes nothing but the epoch, so that the slot's state at its version is the state at the cut (protocol
 * 6.2). Answers false where another invocation was faster.
 */
export async function commitCut(
  environment: SlotEnvironment,
  image: SlotImage,
  { epoch, stopping }: NewEpoch,
): Promise<boolean> {
  const version = image.meta.version + 1;
  const closed = image.slot.source !== undefined;
  const cut = bodyOfMeta({
    ...(await withoutCommitted(image)),
    version,
    epoch,
    cut: { epoch, version, closed },
    ...(stopping ? { stopping } : {}),
  });
  // protocol 6.9: whatever came before the cut belongs to the epoch.
  const body = await withStaged(image, cut, { all: true });
  const row = await appendBody(environment, image, { kind: "commit", body });
  if (row === undefined) return false;
  noteAppended(image, row, body);
  await settle(environment, image, body);
  return true;
}

/** What the coordinator has opened, where sources have to know: they receive no ticks. */
export async function readFlow(
  { job }: SlotEnvironment,
  { generation }: Generation,
): Promise<Epochs> {
  return (await readEpochs(job.ports, job.plan.job, generation)).epochs;
}

/** The epoch that a source slot has to cut for before its next batch. */
export function openedFor(image: SlotImage, { newest, stopping }: Epochs): NewEpoch | undefined {
  return newest?.status === "open" && newest.number > image.meta.epoch
    ? { epoch: newest.number, stopping }
    : undefined;
}

/** What an exchange slot does next with its records. */
export type NextWork =
  | { readonly kind: "step"; readonly input: StepInput; readonly isLast: boolean }
  | { readonly kind: "cut"; readonly epoch: NewEpoch };

/**
 * protocol 6.2: an exchange slot cuts before it applies a frame or tick of a newer epoch. What a step has left of its timers comes
 * before that (3.2), and what a restore brought along before any record (6.6).
 */
export function nextWork(image: SlotImage, input: StepInput): NextWork {
  const { meta, job, generation } = image;
  const phase = slotPhase(image);
  if (phase === "firing") {
    const rest = { ...input, records: [], exchange: [], resumes: true };
    return { kind: "step", input: rest, isLast: false };
  }
  if (phase === "replaying") {
    const replay = { ...input, records: [], exchange: [], pending: image.pending };
    return { kind: "step", input: replay, isLast: false };
  }
  for (const [index, record] of input.exchange.entries()) {
    if (record.kind === "foreign") continue;
    const sent = record.kind === "frame" ? record.frame : record.tick;
    if (sent.job !== job.plan.job || sent.generation !== generation.generation) continue;
    if (sent.epoch <= meta.epoch) continue;
    if (elementsDone(meta.cursor, record.sequence) === Number.POSITIVE_INFINITY) continue;
    const before = input.exchange.slice(0, index);
    if (before.some(({ sequence }) => !isDone(image, sequence)))
      return { kind: "step", input: { ...input, exchange: before }, isLast: false };
    const stopping = record.kind === "tick" && record.tick.stopping === true;
    return { kind: "cut", epoch: { epoch: sent.epoch, stopping } };
  }
  return { kind: "step", input, isLast: !input.isPartial };
}

function isDone({ meta }: SlotImage, sequence: string): boolean {
  return elementsDone(meta.cursor, sequence) === Number.POSITIVE_INFINITY;
}
