import type { Block } from "../../../runtime/exchange/frame.ts";
import type { Graph } from "../../../runtime/graph/node.ts";
import type { CommitBody } from "../../../runtime/slot/image/commit-body.ts";
import type { Plan } from "../../../runtime/plan/plan.ts";
import type { LogName, LogRow } from "../../../runtime/ports/index.ts";
import type { SimStores } from "../ports/process-ports.ts";

/** A committed version of a slot, and what of it is still to be delivered. */
export interface Version {
  readonly nonce: string;
  readonly kind: LogRow["kind"];
  readonly meta: CommitBody["meta"];
  /** Packed elements by stage, input and group. */
  readonly blocks: ReadonlyMap<string, Uint8Array>;
  /** There was something to deliver. */
  readonly sends: boolean;
  readonly outstanding: Set<string>;
}

export interface SlotHistory {
  readonly name: string;
  readonly versions: Map<number, Version>;
  head: number;
  /** All versions below it are delivered. */
  undelivered: number;
  isSealed: boolean;
  /** Of the progress row as it stands. */
  partVersion: number;
}

export interface GenerationOptions {
  readonly plan: Plan;
  readonly graph: Graph;
  readonly exchange: string;
  readonly generation: number;
  readonly stores: () => SimStores;
  /** A newer generation is published: what this one still writes is read by nobody. */
  readonly isReplaced: () => boolean;
  /** Whether a version belongs to the job's history: it lies before the cut of the epoch that was restored. */
  readonly isLive: (slot: string, version: number) => boolean;
  readonly report: (violation: string) => void;
}

/** What the slots of a generation have committed and delivered: all that its checks know in common. */
export class GenerationRecord {
  readonly options: GenerationOptions;
  readonly #slots = new Map<string, SlotHistory>();
  /** A sleeper of a replaced generation has named what was garbage by then, a row's body or a slot's part: what it sends can't be checked. */
  hasUnread = false;

  constructor(options: GenerationOptions) {
    this.options = options;
  }

  get slots(): IterableIterator<SlotHistory> {
    return this.#slots.values();
  }

  get slotNames(): readonly string[] {
    return [...this.#slots.keys()];
  }

  find(slot: string): SlotHistory | undefined {
    return this.#slots.get(slot);
  }

  historyOf(slot: string): SlotHistory {
    let history = this.#slots.get(slot);
    if (history === undefined) {
      history = {
        name: slot,
        versions: new Map(),
        head: 0,
        undelivered: 1,
        isSealed: false,
        partVersion: 0,
      };
      this.#slots.set(slot, history);
    }
    return history;
  }

  parentsOf(slot: string): readonly (SlotHistory | undefined)[] {
    const [prefix = ""] = slot.split("/");
    return this.parentIdsOf(slot).map((parentId) => this.#slots.get(`${prefix}/${parentId}`));
  }

  parentIdsOf(slot: string): readonly string[] {
    const [prefix = "", shardId = ""] = slot.split("/");
    const { plan, exchange, stores } = this.options;
    const stream =
      prefix === "exchange" ? exchange : plan.sources.find(({ uid }) => uid === prefix)?.stream;
    // A file is no shard of a stream, and has no parents.
    return stream?.includes(":") === true
      ? []
      : stores().streams.shard(stream ?? "", shardId).parents;
  }

  /** A sleeper of a replaced generation may find nothing of a slot that others of its generation have found. */
  isCollected(log: LogName): boolean {
    const { stores, isReplaced } = this.options;
    return isReplaced() && stores().log.readAll(log).length === 0;
  }

  /** Notes that something of a version has arrived; answers whether it is for the first time. */
  deliver(history: SlotHistory, version: number, what: string): boolean {
    const committed = history.versions.get(version);
    if (committed?.outstanding.delete(what) !== true) return false;
    if (history.undelivered < version)
      this.break(
        `${history.name} v${version} is delivered before v${history.undelivered}: ${missingOf(history)}`,
      );
    advance(history);
    return true;
  }

  break(violation: string): void {
    this.options.report(`invariant: ${violation}`);
  }
}

/** How `Version.blocks` names a block. */
export function placeOfBlock({ stage, input = 0, group }: Block): string {
  return `${stage}/${input}/${group ?? "all"}`;
}

/** Goes on to the first version of which something is to be delivered still. */
export function advance(history: SlotHistory): void {
  while (
    history.undelivered <= history.head &&
    (history.versions.get(history.undelivered)?.outstanding.size ?? 0) === 0
  )
    history.undelivered += 1;
}

/** Some of what its first undelivered version has to deliver. */
export function missingOf({ versions, undelivered }: SlotHistory): string {
  return shownOf(versions.get(undelivered)?.outstanding ?? []);
}

export function shownOf(outstanding: Iterable<string>): string {
  return [...outstanding].slice(0, 3).join(", ");
}
