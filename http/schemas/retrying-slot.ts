import * as z from "zod/mini";
import { count, timeMs } from "./common.ts";

/** A slot that tries a record again now. */
export const retryingSlot = z.object({
  slot: z.string(),
  /** Operator and name of the error. */
  failure: z.string(),
  attempts: count,
  againAtMs: timeMs,
});
