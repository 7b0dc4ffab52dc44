import type { Manifest } from "../../runtime/checkpoint/manifest.ts";
import type { SimStreams } from "./ports/sim-streams.ts";

/** What every generation of a job was made of: which of their commits are part of the job's history in the end. */
export class Lineage {
  /** The epoch that a generation was restored from. */
  readonly #restoredFrom = new Map<number, Manifest>();
  readonly #streams: SimStreams;
  /** Versions of live slots up to which a generation counts, by slot; absent for the last one: all of them do. */
  #cuts = new Map<number, ReadonlyMap<string, number>>();
  #last = 1;

  constructor(streams: SimStreams) {
    this.#streams = streams;
  }

  restored(generation: number, manifest: Manifest): void {
    this.#restoredFrom.set(generation, manifest);
    this.#last = generation;
    this.#cuts = new Map();
    for (let of: Manifest | undefined = manifest; of !== undefined;) {
      this.#cuts.set(of.generation, this.#cutOf(of));
      of = this.#restoredFrom.get(of.generation);
    }
  }

  /** The generation that lives. */
  get last(): number {
    return this.#last;
  }

  /** Whether what a commit sent belongs to the job's history: it lies before the cut of the epoch that was restored. */
  isLive(generation: number, slot: string, version: number): boolean {
    if (generation === this.#last) return true;
    return version <= (this.#cuts.get(generation)?.get(slot) ?? 0);
  }

  #cutOf(manifest: Manifest): ReadonlyMap<string, number> {
    const cuts = new Map<string, number>();
    for (const { slot, stream, shardId, version } of manifest.slots) {
      cuts.set(slot, version);
      // What a slot took over from had ended before: all of it counts.
      const prefix = slot.slice(0, slot.indexOf("/"));
      for (const ancestor of this.#ancestorsOf(stream, shardId))
        cuts.set(`${prefix}/${ancestor}`, Number.POSITIVE_INFINITY);
    }
    return cuts;
  }

  #ancestorsOf(stream: string, shardId: string): readonly string[] {
    // What is no shard of a stream has no ancestors.
    if (stream.includes(":")) return [];
    const { parents } = this.#streams.shard(stream, shardId);
    return parents.flatMap((parent) => [parent, ...this.#ancestorsOf(stream, parent)]);
  }
}
