import { writeInFlight } from "../../checkpoint/part.ts";
import { objectNames } from "../../layout/names.ts";
import { bodyOfStep } from "./body-of-step.ts";
import { checkCommit } from "./check-commit.ts";
import { type CommitBody, writeRow } from "../image/commit-body.ts";
import { publishProgress } from "./publish-progress.ts";
import { deliver } from "./deliver.ts";
import type { SlotEnvironment } from "../image/environment.ts";
import { guardHeap } from "../image/heap-guard.ts";
import { adoptInFlight } from "../image/load-image.ts";
import { countLateElements } from "./late-elements.ts";
import { logCommit } from "./log-commit.ts";
import { warnOfUnlikelyTime } from "./unlikely-time.ts";
import { acceptStep, undoStep } from "../step/run-step.ts";
import { runWithCalls } from "../step/run-with-calls.ts";
import { placeOf, type SlotImage } from "../image/slot-image.ts";
import type { FailedPlace, StepInput } from "../step/step.ts";
import { withStaged } from "./stage.ts";
import { ensureRoom, writePartIfDue } from "./write-part.ts";

export type StepOutcome =
  | {
      readonly kind: "done";
      readonly isUnfinished: boolean;
      readonly failure?: FailedPlace;
      /** Places that are dead letters of a commit now. */
      readonly writtenOff?: readonly string[];
    }
  /** Another writer was faster: the image is at its last commit again, and has to catch up. */
  | { readonly kind: "lost" };

/** Steps, commits, delivers and publishes: one pass of protocol 3.2 to 3.5. */
export async function commitStep(
  environment: SlotEnvironment,
  image: SlotImage,
  input: StepInput,
): Promise<StepOutcome> {
  guardHeap(environment, image);
  const result = await runWithCalls(image, input);
  const { isUnfinished } = result;
  const failure = result.failure === undefined ? {} : { failure: result.failure };
  if (result.unchanged) {
    undoStep(image);
    // Nothing came of these records, so they are passed in memory only.
    image.meta = { ...image.meta, cursor: result.meta.cursor };
    return { kind: "done", isUnfinished, ...failure };
  }
  const made = await withInFlight(image, bodyOfStep(image.job, result));
  const body = await withStaged(image, made, { all: false });
  const row = await appendBody(environment, image, { kind: "commit", body });
  if (row === undefined) {
    undoStep(image);
    return { kind: "lost" };
  }
  acceptStep(image);
  const before = image.meta;
  noteAppended(image, row, body);
  warnOfUnlikelyTime(image, before);
  countLateElements(image, before);
  logCommit(image, input, body);
  await settle(environment, image, body);
  return { kind: "done", isUnfinished, writtenOff: result.writtenOff, ...failure };
}

/**
 * protocol 6.3: when the cut is closed everything that was in flight goes into an object, before the commit that names it. An
 * attempt that loses leaves an object that nobody names.
 */
async function withInFlight(image: SlotImage, body: CommitBody): Promise<CommitBody> {
  const { cut, version } = body.meta;
  if (cut?.closed !== true || image.meta.cut?.closed === true) return body;
  const blocks = [...image.recorded, ...(body.recorded ?? [])];
  if (blocks.length === 0) return body;
  const { ports } = image.job;
  const key = objectNames.inFlight({ ...placeOf(image), version, id: ports.random.id() });
  const inFlight = await writeInFlight(ports, key, blocks);
  return { ...body, meta: { ...body.meta, cut: { ...cut, inFlight } } };
}

export interface BodyToAppend {
  readonly kind: "commit" | "takeover" | "seal";
  readonly body: CommitBody;
}

export interface AppendedRow {
  readonly nonce: string;
  readonly bytes: number;
}

/** Appends a body as the version that its meta has; undefined where the place was taken (protocol 3.3). */
export async function appendBody(
  environment: SlotEnvironment,
  image: SlotImage,
  { kind, body }: BodyToAppend,
): Promise<AppendedRow | undefined> {
  const { job, log } = image;
  const { version, epoch } = body.meta;
  // A takeover is the first row of its log: there is nothing that it could overwrite.
  if (kind !== "takeover") {
    checkCommit(image, body.meta);
    await ensureRoom(environment, image, version);
  }
  const { bodyBytes, ...row } = await writeRow(
    job.ports,
    {
      version,
      kind,
      epoch,
      plan: job.plan.fingerprint,
      place: placeOf(image),
      inlineMaxBytes: job.settings.inlineMaxBytes,
    },
    body,
  );
  const outcome = await job.ports.log.append(log, row);
  // protocol 3.3: our own nonce in the place means that an earlier attempt of ours arrived.
  if (outcome.appended || outcome.found?.nonce === row.nonce) {
    environment.note("commits");
    return { nonce: row.nonce, bytes: bodyBytes };
  }
  environment.note("lostRaces");
  return undefined;
}

/** The image follows a row that was appended. */
export function noteAppended(image: SlotImage, row: AppendedRow, body: CommitBody): void {
  image.meta = body.meta;
  adoptInFlight(image, body);
  image.nonce = row.nonce;
  image.sincePart.push(...body.deltas);
  image.sincePartBytes += row.bytes;
}

/** Delivers a committed version and publishes that it is delivered; then writes a part where one is due. */
export async function settle(
  environment: SlotEnvironment,
  image: SlotImage,
  body: CommitBody,
): Promise<void> {
  await deliver(environment, image, { version: image.meta.version, body, isAgain: false });
  image.deliveredVersion = image.meta.version;
  await publishProgress(image);
  await writePartIfDue(environment, image);
}
