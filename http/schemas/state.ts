import * as z from "zod/mini";
import { count, jobPath, name, watermark } from "./common.ts";

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

/** What a state holds for a key, as it was at one version of the slot that owns the key. */
export const stateOfKey = z.object({
  operator: z.string(),
  state: z.string(),
  key: z.unknown(),
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
  asOf: z.object({
    slot: z.string(),
    /** Commits of the slot. */
    version: count,
    watermarkMs: watermark,
    generation: z.int(),
  }),
});

export type StatesView = z.infer<typeof states>;
export type StateOfKey = z.infer<typeof stateOfKey>;
