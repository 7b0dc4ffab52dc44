import { isMissing } from "../runtime/job/missing-object.ts";
import type { SlotProgress } from "../runtime/job/progress.ts";
import type { Ports } from "../runtime/ports/index.ts";
import { copyOfState, type StateCopy } from "../runtime/savepoints/state-copy.ts";
import type { StateQuery } from "../runtime/savepoints/state-versions.ts";

/** Copies of one state, by slot. */
export interface StateCopies {
  /** Of a slot, as of its progress or a later version; undefined where the slot has gone on meanwhile: look again. */
  of(query: StateQuery, progress: SlotProgress): Promise<StateCopy | undefined>;
}

/** Keeps a copy of each slot that is asked for, while the generation and the slot live. */
export function stateCopies(ports: Ports): StateCopies {
  const bySlot = new Map<string, Promise<StateCopy | undefined>>();
  let ofGeneration: number | undefined;

  async function next(
    before: StateCopy | undefined,
    query: StateQuery,
    progress: SlotProgress,
  ): Promise<StateCopy | undefined> {
    try {
      if (before !== undefined && (await before.follow(ports, progress))) return before;
      return await copyOfState(ports, query, progress);
    } catch (thrown) {
      // protocol 6.8: what the row named when it was read is garbage by now.
      if (isMissing(thrown)) return undefined;
      throw thrown;
    }
  }

  return {
    async of(query, progress) {
      const { generation } = query.generation;
      if (ofGeneration !== generation) bySlot.clear();
      ofGeneration = generation;
      // One after the other: two that follow at once would both apply the same rows.
      const before = bySlot.get(progress.slot)?.catch(() => undefined);
      const following = async () => await next(await before, query, progress);
      const copy = following();
      bySlot.set(progress.slot, copy);
      return await copy;
    },
  };
}
