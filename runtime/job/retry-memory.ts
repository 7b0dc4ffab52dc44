import { type GenerationPlace, slotRows } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import { fromControlValue } from "../serde/control-value.ts";

/** What a slot remembers of failures of user code. Advice, not state: losing it only means other attempts. */
export interface RetryMemory {
  /** The element of `attempts`. */
  readonly element: string;
  /** Failures of the element and of the timers that it released, by place. */
  readonly attempts: Readonly<Record<string, number>>;
  /** The kind of failure for which a place of the element is being tried again; absent once it was given up. */
  readonly trying?: string;
  /** When it is: whoever has met the failure waits until then, */
  readonly againAtMs?: number;
  /** and how long that is. */
  readonly delayMs?: number;
  /** When the places have failed, as far as their strategies ask for that. */
  readonly failedAtMs?: Readonly<Record<string, readonly number[]>>;
  /** By kind of failure: places in a row that no attempt helped, and when the last of them was given up. */
  readonly hopeless?: Readonly<Record<string, Hopeless>>;
}

export interface Hopeless {
  readonly places: number;
  readonly atMs: number;
}

/** Of each slot of a generation that has met a failure, by its name. */
export async function listRetries(
  { control }: Pick<Ports, "control">,
  { job, generation }: GenerationPlace,
): Promise<readonly { readonly slot: string; readonly memory: RetryMemory }[]> {
  const rows = await control.list(slotRows.retries(job, generation));
  return rows.map((row) => ({ slot: row.sort, memory: fromControlValue<RetryMemory>(row) }));
}
