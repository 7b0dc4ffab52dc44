import * as z from "zod/mini";
import { count, jobPath, name, nextPage, pageQuery, timeMs } from "./common.ts";

/** What could not be processed: docs/dead-letters.md says what each field is. */
export const deadLetter = z.object({
  /** Names it in this API. */
  id: z.string(),
  slot: z.string(),
  sequence: z.string(),
  element: z.int(),
  kind: z.enum(["undecodable", "user-code", "write-refused"]),
  operator: z.optional(z.string()),
  title: z.optional(z.string()),
  definedAt: z.optional(z.string()),
  error: z.optional(z.string()),
  thrownAt: z.optional(z.string()),
  reason: z.string(),
  write: z.optional(
    z.object({ target: z.string(), kind: z.string(), version: count, index: count }),
  ),
  payload: z.string(),
  encoding: z.optional(z.enum(["base64"])),
  document: z.optional(z.string()),
  input: z.optional(z.string()),
  key: z.optional(z.unknown()),
  window: z.optional(z.object({ startMs: timeMs, endMs: timeMs })),
  timer: z.optional(z.unknown()),
  sentBy: z.optional(z.object({ slot: z.string(), version: count })),
  cut: z.optional(z.array(z.string())),
  timestampMs: z.optional(timeMs),
  atMs: timeMs,
});

export const deadLetters = z.object({
  /** Of the newest generation, slot by slot, the older first. Their texts are cut after 500 characters; `cut` says which. */
  letters: z.array(deadLetter),
  ...nextPage,
});

export const deadLettersQuery = z.strictObject({
  ...pageQuery,
  /** Only what this operator refused. */
  operator: z.optional(name),
});
export const deadLetterPath = z.extend(jobPath, {
  id: z.string().check(z.minLength(1), z.maxLength(2_000)),
});

const chosenLetters = {
  /** Which: their ids. */
  ids: z.optional(
    z.array(z.string().check(z.minLength(1), z.maxLength(2_000))).check(z.maxLength(500)),
  ),
  /** Instead: all, or all of `operator`. */
  all: z.optional(z.literal(true)),
  operator: z.optional(name),
};
/** The field of the documents that is the partition key. Default: what the source says. */
const key = z.optional(name);

export const lettersToDiscard = z.strictObject(chosenLetters);
export const lettersToReplay = z.strictObject({ ...chosenLetters, key });
export const letterToReplay = z.strictObject({
  /** Instead of the document that was refused. */
  document: z.optional(z.string()),
  key,
});

export const discarded = z.object({ letters: count });
export const replayed = z.object({
  put: z.array(z.object({ stream: z.string(), records: count })),
  /** Letters that stay, and why: 100 at most. */
  left: z.array(z.object({ id: z.string(), why: z.string() })),
  leftInAll: count,
});

export type ReplayedView = z.infer<typeof replayed>;
export type DeadLetterView = z.infer<typeof deadLetter>;
export type DeadLettersView = z.infer<typeof deadLetters>;
