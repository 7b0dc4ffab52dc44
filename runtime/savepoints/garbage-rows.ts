import { slotRows } from "../layout/names.ts";
import type { Ports } from "../ports/index.ts";
import type { Generation } from "../job/generation.ts";
import { expiredHolds } from "./hold.ts";

/**
 * Deletes rows that nobody needs (protocol 6.8): what slots of generations that were replaced show, how far their deliveries had come, restores that were given up
 * among them, and holds that are over. All older generations are looked through each time, for a row may come late. Logs stay: an
 * empty place of a ring would let a sleeper commit what its generation has not.
 */
export async function collectRows(
  { control, clock }: Pick<Ports, "control" | "clock">,
  { job, living, graceMs }: { job: string; living: Generation; graceMs: number },
): Promise<void> {
  for (const row of await expiredHolds({ control, clock }, job)) await control.delete(row);
  if (clock.nowMs() - living.publishedMs < graceMs) return;
  for (let generation = 1; generation < living.generation; generation++) {
    for (const partitionOf of [slotRows.progress, slotRows.retries, slotRows.deliveries])
      for (const row of await control.list(partitionOf(job, generation))) await control.delete(row);
  }
}
