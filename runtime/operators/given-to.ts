import { onlyReads } from "../graph/only-reads.ts";
import { copyInPassing } from "../serde/copy-value.ts";

/** How a user's function gets values that are kept, or used elsewhere: one that can only read gets them as they are, any other copies that it may change or keep. */
export function givenTo(fn: (...values: never[]) => unknown): (value: unknown) => unknown {
  return onlyReads(fn) ? (value) => value : copyInPassing<unknown>;
}
