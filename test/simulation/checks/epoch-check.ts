import type { Epochs } from "../../../runtime/checkpoint/epochs.ts";
import type { Manifest, Tombstone } from "../../../runtime/checkpoint/manifest.ts";
import { stagedOf, type StagedRef } from "../../../runtime/checkpoint/staged.ts";
import { nameOfStaged, objectNames, rowKeys } from "../../../runtime/layout/names.ts";
import type { ControlRow } from "../../../runtime/ports/index.ts";
import { faultsOfCut } from "../cut-check.ts";
import type { SimStores } from "../ports/process-ports.ts";

export interface EpochCheckOptions {
  readonly job: string;
  readonly stores: () => SimStores;
  /** An epoch is complete. */
  readonly completed: (manifest: Manifest) => void;
  readonly fail: (violation: string) => void;
  readonly trace: ((line: string) => void) | undefined;
}

const textDecoder = new TextDecoder();

/** Epochs of all generations: each ends once, complete ones are consistent cuts, and nothing goes that one refers to (protocol 6). */
export class EpochCheck {
  readonly #options: EpochCheckOptions;
  readonly counts = { complete: 0, expired: 0, inFlight: 0, deletions: 0 };
  /** Every epoch that was completed or given up, by its key. */
  readonly #ended = new Map<string, Manifest | Tombstone>();
  /** Of these, manifests that are deleted. */
  readonly #collected = new Set<string>();
  /** Names of what complete epochs make visible. */
  readonly #visible = new Set<string>();
  /** What complete epochs refer to, by their manifests. */
  readonly #references = new Map<string, ReadonlySet<string>>();

  constructor(options: EpochCheckOptions) {
    this.#options = options;
  }

  /** A complete epoch, also one that is collected by now. */
  completeEpoch(key: string): Manifest | undefined {
    const ended = this.#ended.get(key);
    return ended?.status === "complete" ? ended : undefined;
  }

  manifestWritten(key: string, data: Uint8Array, before: Uint8Array | undefined): void {
    const manifest = JSON.parse(textDecoder.decode(data)) as Manifest | Tombstone;
    // protocol 6.8: a leader from before can write what was collected, and a collection gives back what somebody holds.
    if (this.#collected.delete(key)) return;
    if (before !== undefined || this.#ended.has(key)) this.#break(`${key} is written again`);
    this.#ended.set(key, manifest);
    this.#checkIsOpen(manifest);
    const { generation, epoch, status } = manifest;
    this.#options.trace?.(`epoch ${generation}/${epoch} is ${status}`);
    if (status === "expired") this.counts.expired += 1;
    else this.#completed(key, manifest);
  }

  #completed(key: string, manifest: Manifest): void {
    const { stores, completed } = this.#options;
    const { slots, generation, epoch } = manifest;
    this.counts.complete += 1;
    this.counts.inFlight += slots.filter(({ inFlight }) => inFlight !== undefined).length;
    completed(manifest);
    for (const staged of stagedOf(manifest)) this.#visible.add(`${nameOfStaged(staged.key)}.jsonl`);
    const objects = slots.flatMap(({ part, segments, inFlight }) => [
      part,
      ...segments,
      ...(inFlight === undefined ? [] : [inFlight]),
    ]);
    this.#references.set(key, new Set(objects.map((object) => object.key)));
    for (const fault of faultsOfCut(manifest, (name) => stores().objects.get(name)))
      this.#break(`epoch ${generation}/${epoch}: ${fault}`);
  }

  /** protocol 6.9: only what a complete epoch names can be seen, and it never changes. */
  fileWritten(key: string, data: Uint8Array, before: Uint8Array | undefined): void {
    if (before !== undefined && Buffer.compare(before, data) !== 0)
      this.#break(`file ${key} is written again with other content`);
    const name = key.slice(key.indexOf("/") + 1);
    if (!this.#visible.has(name))
      this.#break(`file ${key} appears, and no complete epoch names it`);
  }

  rowWritten(row: ControlRow, before: ControlRow | undefined): void {
    if (row.rank !== (before?.rank ?? 0) + 1)
      this.#break(`row ${row.sort} goes from ${before?.rank} to ${row.rank}`);
    const { newest } = row.value as unknown as Epochs;
    if (newest === undefined || newest.status === "open") return;
    const status = newest.status === "committing" ? "complete" : newest.status;
    const generation = Number(row.sort.slice("epochs-".length));
    const standing = this.#ended.get(
      objectNames.manifest(this.#options.job, generation, newest.number),
    );
    // protocol 6.4: what stands decides.
    if (standing?.status !== status)
      this.#break(
        `row ${row.sort} says that epoch ${newest.number} is ${newest.status}, and it is ${standing?.status}`,
      );
    if (newest.status === "complete") this.#checkIsVisible(standing as Manifest);
  }

  /** protocol 6.9: an epoch is complete when all that it names can be seen. */
  #checkIsVisible(manifest: Manifest): void {
    for (const staged of stagedOf(manifest))
      if (!this.#isVisible(manifest, staged))
        this.#break(
          `epoch ${manifest.generation}/${manifest.epoch} is complete, not ${staged.key}`,
        );
  }

  /** protocol 6.4: whoever ends an epoch writes how before the row says so. */
  #checkIsOpen({ job, generation, epoch, status }: Manifest | Tombstone): void {
    const row = this.#options.stores().control.get(rowKeys.epochs(job, generation));
    const { newest } = (row?.value ?? {}) as unknown as Partial<Epochs>;
    if (newest?.number !== epoch || newest.status !== "open")
      this.#break(
        `epoch ${generation}/${epoch} is ${status}, but epoch ${newest?.number} is ${newest?.status}`,
      );
  }

  /** Answers whether it was the manifest of a complete epoch. */
  deleted(key: string): boolean {
    this.counts.deletions += 1;
    const ended = this.#ended.get(key);
    if (ended !== undefined) this.#collected.add(key);
    if (ended?.status === "expired") this.#break(`tombstone ${key} is deleted`);
    else if (ended?.savepoint !== undefined) this.#break(`savepoint ${key} is deleted`);
    if (this.#references.delete(key)) return true;
    this.#checkIsSeen(key);
    for (const [manifest, references] of this.#references)
      if (references.has(key)) this.#break(`${key} is deleted, and ${manifest} refers to it`);
    return false;
  }

  /** protocol 6.9: what is staged may go once it is visible, or when no epoch is kept that names it. */
  #checkIsSeen(key: string): void {
    for (const [name, ended] of this.#ended) {
      if (ended.status === "expired" || this.#collected.has(name)) continue;
      const ref = stagedOf(ended).find((staged) => staged.key === key);
      if (ref === undefined || this.#isVisible(ended, ref)) continue;
      this.#break(`${key} is deleted, and ${name} is not visible without it`);
    }
  }

  #isVisible({ plan }: Manifest, { key, sink }: StagedRef): boolean {
    const folder = plan.sinks.find(({ uid }) => uid === sink)?.target;
    const file = `${folder}/${nameOfStaged(key)}.jsonl`;
    return this.#options.stores().files.get(file) !== undefined;
  }

  #break(violation: string): void {
    this.#options.fail(`invariant: ${violation}`);
  }
}
