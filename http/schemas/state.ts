import * as z from "zod/mini";
import { count, jobPath, name, timeMs, watermark, wholeNumber } from "./common.ts";

/** Which states there are. */
export const states = z.object({
  states: z.array(
    z.object({
      /** Uid of the operator. */
      operator: z.string(),
      stage: z.string(),
      state: z.string(),
      kind: z.string(),
      version: z.int(),
    }),
  ),
});

export const statePath = z.extend(jobPath, { operator: name, state: name });
export const stateQuery = z.strictObject({
  /** The key as JSON, for example `"ada"`, `7` or `["ada", 7]`; what is no JSON is a text. */
  key: z.string().check(z.maxLength(4_000)),
});

const heldForKey = {
  /** False where nothing is kept for the key. */
  found: z.boolean(),
  /** One for a value; one for each entry of a map, a list or a window. At most 1,000. */
  entries: z.array(
    z.object({
      /** Key of a map's entry, index of a list's, or the window: absent for a value. */
      entry: z.optional(z.unknown()),
      /** JSON, as `millrace savepoint read` writes it. */
      value: z.unknown(),
    }),
  ),
  /** There are more entries. */
  cut: z.boolean(),
};

/** What a state holds for a key, as it was at one version of the slot that owns the key. */
export const stateOfKey = z.object({
  operator: z.string(),
  state: z.string(),
  key: z.unknown(),
  ...heldForKey,
  asOf: z.object({
    slot: z.string(),
    /** Commits of the slot. */
    version: count,
    watermarkMs: watermark,
    generation: z.int(),
  }),
});

export const stateHistoryQuery = z.extend(stateQuery, {
  /** Changes, the newest ones. */
  limit: z._default(wholeNumber(1, 200), 50),
});

/** How a state of a key has come to what it is, as far back as the log of its slot and the checkpoints that stand tell. */
export const stateHistory = z.object({
  operator: z.string(),
  state: z.string(),
  key: z.unknown(),
  slot: z.string(),
  generation: z.int(),
  /** Versions of the slot: what was before the first is not known any more. */
  from: count,
  to: count,
  /** Versions in which it was another one than before; the newest first. */
  changes: z.array(
    z.object({
      version: count,
      ...heldForKey,
      /** Of the slot then; absent for what a checkpoint had. */
      watermarkMs: z.optional(watermark),
      /** Clock of the newest tick that the slot had applied: the version was committed after that. */
      afterMs: z.optional(timeMs),
    }),
  ),
});

export type StateHistoryView = z.infer<typeof stateHistory>;
export type StatesView = z.infer<typeof states>;
export type StateOfKey = z.infer<typeof stateOfKey>;
