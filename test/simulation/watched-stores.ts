import type { Manifest } from "../../runtime/checkpoint/manifest.ts";
import type { Graph } from "../../runtime/graph/node.ts";
import type { Generation } from "../../runtime/job/generation.ts";
import type { Plan } from "../../runtime/plan/plan.ts";
import type { ControlRow } from "../../runtime/ports/index.ts";
import { EpochCheck } from "./checks/epoch-check.ts";
import { generationOfExchange } from "./cut-check.ts";
import { Invariants } from "./invariants.ts";
import { Lineage } from "./lineage.ts";
import { openedAppended } from "./opened.ts";
import type { StoreObserver } from "./ports/observer.ts";
import type { SimStores } from "./ports/process-ports.ts";
import { SimControl } from "./ports/sim-control.ts";
import { SimLog } from "./ports/sim-log.ts";
import { SimObjects } from "./ports/sim-objects.ts";
import { type SimShard, SimStreams } from "./ports/sim-streams.ts";
import { SimTables } from "./ports/sim-tables.ts";

/** Told of what the rest of a world reacts to. */
export interface StoreListener {
  /** The generation row was written; `isFirst` where there was none. */
  generationWritten(generation: Generation, isFirst: boolean): void;
  epochCompleted(): void;
  rowRefused(): void;
  landed(stream: string, shard: SimShard): void;
  resharded(stream: string, opened: readonly SimShard[]): void;
}

export interface WatchedStoresOptions {
  readonly plan: Plan;
  readonly graph: Graph;
  readonly exchange: string;
  readonly nowMs: () => number;
  /** Whether a table refuses rows of a key. */
  readonly refuses: (key: string) => boolean;
  readonly listener: StoreListener;
  readonly fail: (failure: string) => void;
  readonly trace: ((line: string) => void) | undefined;
}

/** The stores of a world: what changes in them is checked at once, by the rules for its generation and for epochs. */
export class WatchedStores implements StoreObserver {
  readonly stores: SimStores;
  readonly lineage: Lineage;
  readonly epochs: EpochCheck;
  readonly #options: WatchedStoresOptions;
  readonly #invariants = new Map<number, Invariants>();

  constructor(options: WatchedStoresOptions) {
    this.#options = options;
    const { plan, nowMs, refuses, fail, trace } = options;
    const sinkFolders = new Set(plan.sinks.map(({ target }) => target));
    this.stores = {
      log: new SimLog(this),
      control: new SimControl(this),
      tables: new SimTables(this, refuses),
      objects: new SimObjects(this),
      files: new SimObjects({
        objectWritten: (key, ...content) => {
          // Those that sources read are there from the beginning.
          if (sinkFolders.has(key.slice(0, key.indexOf("/"))))
            this.epochs.fileWritten(key, ...content);
        },
        objectDeleted: (key) => fail(`invariant: file ${key} is deleted`),
      }),
      streams: new SimStreams(this, nowMs),
    };
    this.lineage = new Lineage(this.stores.streams);
    this.epochs = new EpochCheck({
      job: plan.job,
      stores: () => this.stores,
      completed: (manifest) => this.#completed(manifest),
      fail,
      trace,
    });
  }

  /** The invariants of a generation. */
  of(generation: number): Invariants {
    let found = this.#invariants.get(generation);
    if (found === undefined) {
      const { plan, graph, exchange, fail } = this.#options;
      found = new Invariants({
        plan,
        graph,
        exchange,
        generation,
        stores: () => this.stores,
        isReplaced: () => generation < this.lineage.last,
        isLive: (slot, version) => this.lineage.isLive(generation, slot, version),
        report: fail,
      });
      this.#invariants.set(generation, found);
    }
    return found;
  }

  /** Those of the generation that lives. */
  get living(): Invariants {
    return this.of(this.lineage.last);
  }

  get generations(): ReadonlyMap<number, Invariants> {
    return this.#invariants;
  }

  appended(...change: Parameters<StoreObserver["appended"]>): void {
    this.of(change[0].generation).appended(...change);
  }

  controlWritten(row: ControlRow, before: ControlRow | undefined): void {
    const [, generation, kind] = row.partition.split("#");
    if (kind === "progress") this.of(Number(generation)).controlWritten(row, before);
    if (row.sort === "generation") this.#generationWritten(row, before);
    if (row.sort.startsWith("epochs-")) this.epochs.rowWritten(row, before);
  }

  rowWritten(...change: Parameters<StoreObserver["rowWritten"]>): void {
    this.of(change[1].order.generation).rowWritten(...change);
  }

  rowRefused(...[table, write]: Parameters<StoreObserver["rowRefused"]>): void {
    this.#options.listener.rowRefused();
    this.of(write.order.generation).rowRefused(table, write);
  }

  objectWritten(...[key, data, before]: Parameters<StoreObserver["objectWritten"]>): void {
    const [, generation] = key.split("/");
    if (generation === "manifests") this.epochs.manifestWritten(key, data, before);
    else if (generation !== "garbage") this.of(Number(generation)).objectWritten(key, data, before);
  }

  objectDeleted(key: string): void {
    if (!this.epochs.deleted(key)) this.living.objectDeleted(key);
  }

  landed(...record: Parameters<StoreObserver["landed"]>): void {
    const [stream, shard, { data }] = record;
    const { exchange, plan, listener } = this.#options;
    const isExchange = stream === exchange;
    if (isExchange || plan.sinks.some(({ target }) => target === stream)) {
      const generation = isExchange
        ? generationOfExchange(data)
        : openedAppended(data)?.id.generation;
      this.of(generation ?? this.lineage.last).landed(...record);
    }
    listener.landed(stream, shard);
  }

  resharded(stream: string, opened: readonly SimShard[]): void {
    const open = this.stores.streams.openShards(stream).map(({ shardId }) => shardId);
    this.#options.trace?.(`${stream} now has ${open.join(" ")}`);
    this.#options.listener.resharded(stream, opened);
  }

  #generationWritten(row: ControlRow, before: ControlRow | undefined): void {
    const { fail, listener, trace } = this.#options;
    const now = row.value as unknown as Generation;
    if (before !== undefined && row.rank <= before.rank)
      fail(`invariant: the generation row goes back from ${before.rank} to ${row.rank}`);
    if (now.restoredFrom !== undefined && !now.ended) {
      // It may be garbage by now: what it refers to is held.
      const manifest = this.epochs.completeEpoch(now.restoredFrom);
      if (manifest === undefined) fail(`invariant: ${now.restoredFrom} was never complete`);
      else this.lineage.restored(now.generation, manifest);
      trace?.(`generation ${now.generation} is published`);
    }
    if (now.ended) trace?.(`generation ${now.generation} has ${now.outcome}`);
    listener.generationWritten(now, before === undefined);
  }

  #completed({ stopped, generation, epoch }: Manifest): void {
    this.#options.listener.epochCompleted();
    if (stopped) this.of(generation).stopped(epoch);
  }
}
