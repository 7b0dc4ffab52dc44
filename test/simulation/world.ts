import { exchangeStreamOf } from "../../runtime/embedded/job-world.ts";
import type { JobDefinition } from "../../runtime/index.ts";
import { objectNames, slotRows } from "../../runtime/layout/names.ts";
import { buildPlan } from "../../runtime/planner/build-plan.ts";
import type { Plan } from "../../runtime/plan/plan.ts";
import type { ControlRow, Ports, Telemetry } from "../../runtime/ports/index.ts";
import type { Epochs } from "../../runtime/checkpoint/epochs.ts";
import { type Manifest, type Tombstone } from "../../runtime/checkpoint/manifest.ts";
import type { CheckpointOptions, Graph } from "../../runtime/graph/node.ts";
import { collectGarbage } from "../../runtime/savepoints/garbage.ts";
import type { Generation } from "../../runtime/job/generation.ts";
import { defaultSlotSettings, type JobRuntime } from "../../runtime/job/job-runtime.ts";
import { streamsOf, usesExchange } from "../../runtime/job/slot-ref.ts";
import { type FaultName, Faults, roughFaults, type Suppression } from "./faults.ts";
import { Invariants } from "./invariants.ts";
import { faultsOfCut, generationOf } from "./cut-check.ts";
import { Leaders } from "./leaders.ts";
import { type Limits, refusedKeys, rollLimits } from "./limits.ts";
import { Lineage } from "./lineage.ts";
import { type Mission, Operator, rollCheckpoints } from "./operator.ts";
import { forgetOpened } from "./opened.ts";
import { Mapping } from "./mapping.ts";
import { EnvironmentPool } from "./pool.ts";
import type { StoreObserver } from "./ports/observer.ts";
import {
  type PortsContext,
  processPorts,
  shardsMax,
  type SimStores,
} from "./ports/process-ports.ts";
import { SimControl } from "./ports/sim-control.ts";
import { SimLog } from "./ports/sim-log.ts";
import { SimObjects } from "./ports/sim-objects.ts";
import { type SimShard, SimStreams } from "./ports/sim-streams.ts";
import { SimTables } from "./ports/sim-tables.ts";
import { dice, type WorldDice } from "./random.ts";
import { Scheduler, type SimProcess } from "./scheduler.ts";
import type { FeedRecord, ShapeCase } from "./shape.ts";

export interface WorldOptions {
  readonly seed: number;
  readonly planned: ShapeCase;
  /** Records of the feed that are put; all where it is absent. */
  readonly recordsMax?: number | undefined;
  readonly suppressed: Suppression;
  /** Faults that occur in this world whatever the seed says. */
  readonly forced: ReadonlySet<FaultName>;
  readonly trace: ((line: string) => void) | undefined;
  /** What the operator does, whatever the seed says. */
  readonly mission?: Mission | undefined;
}

/** When the world begins, in milliseconds since 1970. */
const epochMs = 1_760_000_000_000;
/** After faults have ceased a job must end within so much virtual time. */
const stallMs = 30 * 60_000;
const eventsMax = 600_000;
/** Worlds in which all happens at once. */
const roughShare = 0.6;
/** Worlds whose environments may hold little state. */
const littleMemoryShare = 0.15;
/** Later than any hold lasts. */
const muchLaterMs = 2 * 3_600_000;

const textDecoder = new TextDecoder();
const processNames = { environment: "env", coordinator: "leader", operator: "operator" } as const;
/** Shapes share their jobs between seeds. */
const plans = new WeakMap<JobDefinition["graph"], Plan>();

function planOf({ graph }: JobDefinition): Plan {
  let plan = plans.get(graph);
  if (plan === undefined) plans.set(graph, (plan = buildPlan(graph)));
  return plan;
}

/** What a seed decides about a world besides faults. */
interface WorldSettings {
  readonly ringSize: number;
  readonly inlineMaxBytes: number;
  readonly fenceSkewMs: number;
  readonly batchMax: number;
  readonly windowMs: number;
  readonly feedMs: number;
  readonly calmMs: number;
  readonly tickIntervalMs: number;
  readonly sourceShards: number;
  readonly exchangeShards: number;
  readonly clockSkewMs: number;
  /** Sources wait while the exchange is further behind. */
  readonly exchangeLagMaxMs: number;
  readonly garbageEveryMs: number;
  readonly garbageGraceMs: number;
  readonly frameInlineMaxBytes: number;
  readonly selfReadMaxMs: number;
  readonly heapImages: number;
  /** What the state that an environment holds may take. */
  readonly memoryBytes: number;
}

/** A job in a simulated world: stores, environments, mappings, coordinators, producers and whoever reshards. */
export class World implements StoreObserver {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly stores: SimStores;
  readonly lineage: Lineage;
  readonly operator: Operator;
  readonly mission: Mission;
  readonly checkpoints: CheckpointOptions;
  /** Epochs that completed, and that expired. */
  readonly epochs = { complete: 0, expired: 0, inFlight: 0, deletions: 0 };
  readonly pool: EnvironmentPool;
  readonly leaders: Leaders;
  readonly plan: Plan;
  readonly exchange: string;
  readonly settings: WorldSettings;
  readonly failures: string[] = [];
  readonly alarms = new Map<string, number>();
  hasEnded = false;
  /** It has ended because somebody drained it. */
  isDrained = false;
  reshards = 0;
  readonly #options: WorldOptions;
  readonly #isRough: boolean;
  readonly #dice: WorldDice;
  readonly #context: PortsContext;
  readonly #mappings = new Map<string, Mapping>();
  #processes = 0;
  #ids = 0;
  #calls = 0;
  #isStalled = false;
  #isDeployed = false;
  /** Nothing more is put, faults have ceased: the next epoch that completes is the last one that is waited for. */
  #endsAfterEpoch = false;
  #haveEnded = false;
  readonly #invariants = new Map<number, Invariants>();
  readonly #missionDice: WorldDice;
  /** Every epoch that was completed or given up, by its key. */
  readonly #ended = new Map<string, Manifest | Tombstone>();
  /** Of these, manifests that are deleted. */
  readonly #collected = new Set<string>();
  /** What complete epochs refer to, by their manifests. */
  readonly #references = new Map<string, ReadonlySet<string>>();
  readonly #graphs = new Map<Graph, Graph>();
  readonly #limits: Limits;

  constructor(options: WorldOptions) {
    const { seed, planned, suppressed, forced } = options;
    this.#options = options;
    this.#dice = dice(seed, 1);
    this.#missionDice = dice(seed, 5);
    this.scheduler = new Scheduler(dice(seed, 2));
    // A few worlds in which all happens at once find more than many in which little does.
    this.#isRough = dice(seed, 7).chance(roughShare);
    const isSmall = dice(seed, 13).chance(littleMemoryShare);
    this.faults = new Faults(dice(seed, 3), suppressed, {
      forced: new Set([
        ...forced,
        ...(this.#isRough ? roughFaults : []),
        ...(isSmall ? (["little-memory"] as const) : []),
      ]),
      isRough: this.#isRough,
    });
    this.plan = planOf(planned.job);
    this.exchange = exchangeStreamOf(this.plan);
    this.settings = this.#roll();
    this.#limits = rollLimits(dice(seed, 8), this.faults);
    const nowMs = (): number => epochMs + this.scheduler.nowMs;
    const refuses = this.faults.occurs("rows-refused");
    const isRefused = refusedKeys(seed);
    this.stores = {
      log: new SimLog(this),
      control: new SimControl(this),
      tables: new SimTables(this, (key) => refuses && isRefused(key)),
      objects: new SimObjects(this),
      streams: new SimStreams(this, nowMs),
    };
    this.lineage = new Lineage(this.stores.streams);
    this.mission = this.#rollMission();
    this.checkpoints = rollCheckpoints(this.#missionDice, this.mission);
    this.#context = {
      stores: this.stores,
      scheduler: this.scheduler,
      faults: this.faults,
      dice: this.#dice,
      epochMs,
      kill: (process) => this.#kill(process),
      writeMs: this.#limits.writeMs,
      outage: { untilMs: 0 },
      newId: () => `n${(this.#ids++).toString(36)}`,
      newCallId: () => this.#calls++,
      telemetry: (process) => this.#telemetryOf(process),
      trace: this.#stamped(options.trace),
    };
    this.pool = this.#newPool();
    this.leaders = this.#newLeaders();
    this.operator = this.#newOperator();
  }

  get graph(): Graph {
    return this.#options.planned.job.graph;
  }

  /** The invariants of a generation. */
  invariantsOf(generation: number): Invariants {
    let found = this.#invariants.get(generation);
    if (found === undefined) {
      found = new Invariants({
        plan: this.plan,
        graph: this.#options.planned.job.graph,
        exchange: this.exchange,
        generation,
        stores: () => this.stores,
        isReplaced: () => generation < this.lineage.last,
        isLive: (slot, version) => this.lineage.isLive(generation, slot, version),
        report: (violation) => this.fail(violation),
      });
      this.#invariants.set(generation, found);
    }
    return found;
  }

  /** Those of the generation that lives. */
  get invariants(): Invariants {
    return this.invariantsOf(this.lineage.last);
  }

  get generations(): readonly Invariants[] {
    return [...this.#invariants.values()];
  }

  /** Runs the job to its end, and the sleepers to theirs. */
  async run(): Promise<void> {
    this.#createStreams();
    this.#schedule();
    await this.scheduler.run(() => this.hasEnded || this.failures.length > 0 || this.#isOverdue());
    if (this.#isStalled || this.failures.length > 0) return;
    if (!this.hasEnded) {
      this.#stall("nothing is left to happen");
      return;
    }
    const endedEvents = this.scheduler.events;
    await this.scheduler.run(
      () => this.failures.length > 0 || this.scheduler.events > endedEvents + eventsMax,
    );
    if (this.failures.length > 0) return;
    if (this.scheduler.pending > 0) this.#stall("it goes on after the job's end");
    for (const missing of this.invariants.undelivered())
      this.fail(`the job has ended, but a version is not delivered: ${missing}`);
    for (const leftover of await this.#leftovers())
      this.fail(`invariant: what nobody needs is never collected: ${leftover}`);
  }

  /** Rows that a collection leaves which is made when everything is over, whatever came late. */
  async #leftovers(): Promise<readonly string[]> {
    const { job } = this.plan;
    const { control } = this.stores;
    const ports = this.outsidePorts();
    const clock = { ...ports.clock, nowMs: () => ports.clock.nowMs() + muchLaterMs };
    await collectGarbage({ ...ports, clock }, { job, retain: this.checkpoints.retain, graceMs: 0 });
    const partitions = [`${job}#holds`];
    for (let generation = 1; generation < this.lineage.last; generation++)
      for (const partitionOf of [slotRows.progress, slotRows.retries, slotRows.deliveries])
        partitions.push(partitionOf(job, generation));
    return partitions.flatMap((partition) =>
      control.list(partition).map(({ sort }) => `${partition} ${sort}`),
    );
  }

  /** Lets go of what is still counted. */
  close(): void {
    forgetOpened();
    this.pool.close();
  }

  fail(failure: string): void {
    this.#context.trace?.(`FAILURE ${failure}`);
    if (this.failures.length < 20) this.failures.push(failure);
  }

  /** The ports of somebody who looks at the world from outside: no faults, no waiting. */
  outsidePorts(): Ports {
    const process = this.#spawn("environment", 0);
    const { stores } = this;
    const { streams, objects } = stores;
    const ports = processPorts(this.#context, process);
    return {
      ...ports,
      log: {
        append: async (log, row) => stores.log.append(log, row),
        read: async (log, range) => stores.log.read(log, range),
        readAll: async (log) => stores.log.readAll(log),
      },
      control: {
        get: async (key) => stores.control.get(key),
        list: async (partition) => stores.control.list(partition),
        put: async (row, condition) => stores.control.put(row, condition),
        delete: async (row) => stores.control.delete(row),
      },
      objects: {
        put: async (key, data, options) => objects.put(key, data, options?.ifAbsent ?? false),
        get: async (key) => objects.get(key),
        async *list(prefix) {
          yield* objects.list(prefix);
        },
        delete: async (keys) => keys.forEach((key) => objects.delete(key)),
      },
      reader: {
        listShards: async (stream) => streams.listShards(stream),
        read: async (request) => streams.read(request, request.maxRecords),
      },
    };
  }

  jobRuntime(): Omit<JobRuntime, "ports"> {
    const { planned } = this.#options;
    const { ringSize, inlineMaxBytes, fenceSkewMs } = this.settings;
    const isNew = this.#isDeployed && this.#dice.chance(0.7);
    const job = isNew ? (planned.redeployed ?? planned.job) : planned.job;
    let graph = this.#graphs.get(job.graph);
    if (graph === undefined) {
      const options = { ...job.graph.options, checkpoints: this.checkpoints };
      this.#graphs.set(job.graph, (graph = { ...job.graph, options }));
    }
    if (isNew) this.#context.trace?.("the next one runs the new version of the job");
    return {
      graph,
      plan: this.plan,
      names: { exchangeStream: this.exchange, streams: {}, tables: {} },
      settings: {
        ...defaultSlotSettings,
        ringSize,
        inlineMaxBytes,
        fenceSkewMs,
        partDeltaBytes: 20_000,
        exchangeLagMaxMs: this.settings.exchangeLagMaxMs,
        backpressureWaitMaxMs: 2_000,
        selfReadMaxRecords: 50,
        selfReadMaxMs: this.settings.selfReadMaxMs,
        frameInlineMaxBytes: this.settings.frameInlineMaxBytes,
        ...this.#limits.steps,
      },
    };
  }

  appended(...change: Parameters<StoreObserver["appended"]>): void {
    this.invariantsOf(change[0].generation).appended(...change);
  }

  controlWritten(row: ControlRow, before: ControlRow | undefined): void {
    const [, generation, kind] = row.partition.split("#");
    if (kind === "progress") this.invariantsOf(Number(generation)).controlWritten(row, before);
    if (row.sort === "generation") this.#generationWritten(row, before);
    if (row.sort.startsWith("epochs-")) this.#epochsWritten(row, before);
  }

  rowWritten(...change: Parameters<StoreObserver["rowWritten"]>): void {
    this.invariantsOf(change[1].order.generation).rowWritten(...change);
  }

  rowRefused(...[table, write]: Parameters<StoreObserver["rowRefused"]>): void {
    this.faults.note("rows-refused");
    this.invariantsOf(write.order.generation).rowRefused(table, write);
  }

  objectWritten(...[key, data, before]: Parameters<StoreObserver["objectWritten"]>): void {
    const [, generation] = key.split("/");
    if (generation === "manifests") this.#manifestWritten(key, data, before);
    else if (generation !== "garbage")
      this.invariantsOf(Number(generation)).objectWritten(key, data, before);
  }

  objectDeleted(key: string): void {
    this.epochs.deletions += 1;
    const ended = this.#ended.get(key);
    if (ended !== undefined) this.#collected.add(key);
    if (ended?.status === "expired") this.fail(`invariant: tombstone ${key} is deleted`);
    else if (ended?.savepoint !== undefined) this.fail(`invariant: savepoint ${key} is deleted`);
    if (this.#references.delete(key)) return;
    this.invariants.objectDeleted(key);
    for (const [manifest, references] of this.#references)
      if (references.has(key))
        this.fail(`invariant: ${key} is deleted, and ${manifest} refers to it`);
  }

  landed(...[stream, shard, entry]: Parameters<StoreObserver["landed"]>): void {
    const generation = generationOf(stream === this.exchange, entry.data) ?? this.lineage.last;
    this.invariantsOf(generation).landed(stream, shard, entry);
    this.#mappings.get(stream)?.landed(shard);
  }

  resharded(stream: string, opened: readonly SimShard[]): void {
    if (opened.length > 0) this.reshards += 1;
    this.#context.trace?.(
      `${stream} now has ${this.stores.streams
        .openShards(stream)
        .map(({ shardId }) => shardId)
        .join(" ")}`,
    );
    this.#mappings.get(stream)?.resharded(opened);
  }

  #generationWritten(row: ControlRow, before: ControlRow | undefined): void {
    const now = row.value as unknown as Generation;
    if (before !== undefined && row.rank <= before.rank)
      this.fail(`invariant: the generation row goes back from ${before.rank} to ${row.rank}`);
    if (before === undefined) this.#published(now);
    for (const [generation, invariants] of this.#invariants)
      if (generation < now.generation) invariants.isReplaced = true;
    if (now.restoredFrom !== undefined && !now.ended) {
      const manifest = this.#ended.get(now.restoredFrom);
      // It may be garbage by now: what it refers to is held.
      if (manifest?.status === "complete") this.lineage.restored(now.generation, manifest);
      else this.fail(`invariant: ${now.restoredFrom} was never complete`);
      this.#context.trace?.(`generation ${now.generation} is published`);
    }
    if (now.ended) this.#context.trace?.(`generation ${now.generation} has ${now.outcome}`);
    this.isDrained = now.ended && now.outcome === "stopped" && this.mission === "drain";
    this.hasEnded = (now.ended && now.outcome === "finished") || this.isDrained;
  }

  #manifestWritten(key: string, data: Uint8Array, before: Uint8Array | undefined): void {
    const manifest = JSON.parse(textDecoder.decode(data)) as Manifest | Tombstone;
    // protocol 6.8: a leader from before can write what was collected, and a collection gives back what somebody holds.
    if (this.#collected.delete(key)) return;
    if (before !== undefined || this.#ended.has(key))
      this.fail(`invariant: ${key} is written again`);
    this.#ended.set(key, manifest);
    this.#checkIsOpen(manifest);
    this.#context.trace?.(`epoch ${manifest.generation}/${manifest.epoch} is ${manifest.status}`);
    if (manifest.status === "expired") {
      this.epochs.expired += 1;
      return;
    }
    this.epochs.complete += 1;
    if (this.#endsAfterEpoch && !this.operator.isBusy) this.#endSources();
    if (manifest.stopped) this.invariantsOf(manifest.generation).stopped(manifest.epoch);
    this.#references.set(
      key,
      new Set(
        manifest.slots.flatMap(({ part, segments, inFlight }) =>
          [part, ...segments, ...(inFlight === undefined ? [] : [inFlight])].map(
            (object) => object.key,
          ),
        ),
      ),
    );
    const read = (name: string): Uint8Array | undefined => this.stores.objects.get(name);
    this.epochs.inFlight += manifest.slots.filter(({ inFlight }) => inFlight !== undefined).length;
    for (const fault of faultsOfCut(manifest, read))
      this.fail(`invariant: epoch ${manifest.generation}/${manifest.epoch}: ${fault}`);
  }

  #epochsWritten(row: ControlRow, before: ControlRow | undefined): void {
    if (row.rank !== (before?.rank ?? 0) + 1)
      this.fail(`invariant: row ${row.sort} goes from ${before?.rank} to ${row.rank}`);
    const { newest } = row.value as unknown as Epochs;
    if (newest === undefined || newest.status === "open") return;
    const generation = Number(row.sort.slice("epochs-".length));
    const standing = this.#ended.get(
      objectNames.manifest(this.plan.job, generation, newest.number),
    );
    // protocol 6.4: what stands decides.
    if (standing?.status !== newest.status)
      this.fail(
        `invariant: row ${row.sort} says that epoch ${newest.number} is ${newest.status}, and it is ${standing?.status}`,
      );
  }

  /** protocol 6.4: whoever ends an epoch writes how before the row says so. */
  #checkIsOpen({ job, generation, epoch, status }: Manifest | Tombstone): void {
    const row = this.stores.control.get({ partition: `${job}#job`, sort: `epochs-${generation}` });
    const { newest } = (row?.value ?? {}) as unknown as Partial<Epochs>;
    if (newest?.number !== epoch || newest.status !== "open")
      this.fail(
        `invariant: epoch ${generation}/${epoch} is ${status}, but epoch ${newest?.number} is ${newest?.status}`,
      );
  }

  /** What the operator is up to: decided apart from everything else. */
  #rollMission(): Mission {
    const roll = this.#missionDice;
    const missions: readonly Mission[] = [
      "none",
      "checkpoints",
      "savepoint",
      "stop",
      "stop",
      "drain",
      "take-back",
      "take-back",
    ];
    const rolled = roll.pick(missions);
    const mission =
      this.#options.mission ??
      (this.#isRough ? roll.pick(["stop", "take-back", "take-back"]) : rolled);
    // Where arrival decides what is late, what was taken back may have been on time.
    const { job, knowsTakingBack = false } = this.#options.planned;
    const decides = job.graph.nodes.some(
      (node) =>
        (node.kind === "window" && !knowsTakingBack) ||
        (node.kind === "process" && Object.keys(node.definition.onTimer ?? {}).length > 0),
    );
    return mission === "take-back" && decides ? "stop" : mission;
  }

  #newOperator(): Operator {
    return new Operator({
      dice: this.#missionDice,
      scheduler: this.scheduler,
      mission: this.mission,
      isDoubled: () => {
        if (this.faults.at("command") !== "command-doubled") return false;
        this.faults.note("command-doubled");
        return true;
      },
      job: () => this.jobRuntime(),
      spawn: () => this.#spawn("operator"),
      portsOf: (process) => processPorts(this.#context, process),
      rescale: () => this.#rescale(),
      isOver: () => this.hasEnded,
      trace: this.#context.trace,
      broken: (why) => this.fail(why),
    });
  }

  #rescale(): void {
    if (!usesExchange(this.plan)) return;
    const { streams } = this.stores;
    const roll = this.#missionDice;
    for (let left = roll.between(1, 3); left > 0; left--) {
      if (streams.shards(this.exchange).length + 2 > shardsMax) return;
      const open = streams.openShards(this.exchange);
      const index = roll.between(0, open.length - 1);
      if (open.length === 0) return;
      if (roll.chance(0.5)) streams.split(this.exchange, open[index]!.shardId, 0.5);
      else if (index + 1 < open.length) streams.merge(this.exchange, index, this.#isSwapped());
    }
  }

  #roll(): WorldSettings {
    const { faults } = this;
    const { seed } = this.#options;
    const roll = this.#dice;
    const feedMs = roll.between(3_000, 16_000);
    const fenceSkewMs = roll.between(500, 6_000);
    const isShort = faults.at("world") === "short-ring" || faults.occurs("short-ring");
    if (isShort) faults.note("short-ring");
    const isQuick = faults.occurs("quick-garbage");
    if (isQuick) faults.note("quick-garbage");
    const isLarge = faults.occurs("frames-in-objects");
    if (isLarge) faults.note("frames-in-objects");
    return {
      feedMs,
      fenceSkewMs,
      ringSize: isShort ? roll.between(4, 8) : roll.pick([16, 64, 512]),
      inlineMaxBytes: roll.pick([600, 2_000, 8_192]),
      batchMax: roll.pick([8, 30, 100]),
      windowMs: roll.pick([200, 1_000, 3_000]),
      calmMs: feedMs * (0.7 + roll.fraction()),
      tickIntervalMs: roll.pick([250, 700, 1_500]),
      sourceShards: roll.between(3, 4),
      exchangeShards: roll.between(3, 4),
      clockSkewMs: faults.occurs("clock-skew") ? Math.floor(fenceSkewMs / 2) - 1 : 0,
      exchangeLagMaxMs: dice(seed, 6).pick([500, 3_000, 10_000, 10_000]),
      garbageEveryMs: isQuick ? 300 : roll.pick([4_000, 15_000, 3_600_000]),
      garbageGraceMs: isQuick ? 0 : roll.pick([0, 10_000]),
      frameInlineMaxBytes: isLarge ? 250 : defaultSlotSettings.frameInlineMaxBytes,
      selfReadMaxMs: dice(seed, 7).pick([200, 2_000, 20_000]),
      heapImages: dice(seed, 9).chance(0.15) ? dice(seed, 10).between(1, 3) : 1_000,
      memoryBytes: faults.occurs("little-memory")
        ? dice(seed, 11).pick([500, 1_500, 5_000])
        : Number.POSITIVE_INFINITY,
    };
  }

  #createStreams(): void {
    this.#context.trace?.(`the world is ${JSON.stringify(this.settings)}`);
    this.#context.trace?.(`its limits are ${JSON.stringify(this.#limits)}`);
    const { streams } = this.stores;
    const { sourceShards, exchangeShards } = this.settings;
    const { sources, sinks } = this.plan;
    const perSource = Math.max(1, Math.ceil(sourceShards / Math.max(1, sources.length)));
    for (const { stream } of sources)
      streams.create(
        stream,
        sources.length === 1 ? sourceShards : perSource + this.#dice.between(0, 1),
      );
    if (usesExchange(this.plan)) streams.create(this.exchange, exchangeShards);
    for (const { type, target } of sinks) if (type === "kinesis") streams.create(target, 2);
    const names = { exchangeStream: this.exchange, streams: {}, tables: {} };
    for (const stream of streamsOf(this.plan, names)) {
      const mapping = new Mapping({
        stream,
        streams,
        scheduler: this.scheduler,
        dice: this.#dice,
        faults: this.faults,
        pool: this.pool,
        batchMax: this.settings.batchMax,
        windowMs: this.settings.windowMs,
        trace: this.#context.trace,
      });
      this.#mappings.set(stream, mapping);
    }
  }

  #schedule(): void {
    const { scheduler, settings, faults } = this;
    const { feedMs, calmMs } = settings;
    const roll = this.#dice;
    this.#scheduleFeed(feedMs);
    scheduler.soon(2_000, () => this.leaders.rule());
    scheduler.at(calmMs, () => {
      faults.hasCeased = true;
      this.#context.trace?.("faults cease");
    });
    this.operator.start(calmMs);
    const endMs = feedMs + roll.between(0, 5_000);
    // The job is given the time for an epoch after the last fault, and ends with it.
    const spareMs = Number.isFinite(this.checkpoints.intervalMs)
      ? calmMs + 2 * this.checkpoints.intervalMs + this.checkpoints.timeoutMs
      : 0;
    scheduler.at(Math.max(endMs, calmMs), () => (this.#endsAfterEpoch = true));
    scheduler.at(Math.max(endMs, spareMs), () => this.#endSources());
    for (let left = roll.between(this.#isRough ? 5 : 0, 8); left > 0; left--)
      scheduler.at(calmMs * roll.fraction(), () => this.#reshard());
    if (this.#options.planned.redeployed !== undefined && faults.occurs("deployment")) {
      scheduler.at(calmMs * roll.fraction(), () => {
        faults.note("deployment");
        this.#context.trace?.("a new version of the job is deployed");
        this.#isDeployed = true;
      });
    }
  }

  #endSources(): void {
    if (this.#haveEnded) return;
    this.#haveEnded = true;
    for (const { stream } of this.plan.sources) this.stores.streams.end(stream);
  }

  /** The mappings begin when the job is published: some later, but before what a slot's fence concludes from that. */
  #published({ publishedMs }: { readonly publishedMs: number }): void {
    const { fenceSkewMs, calmMs } = this.settings;
    for (const [stream, mapping] of this.#mappings)
      mapping.start(
        stream === this.exchange ? Math.min(20_000, calmMs) : publishedMs - epochMs + fenceSkewMs,
      );
  }

  #scheduleFeed(feedMs: number): void {
    const { planned, recordsMax } = this.#options;
    const roll = this.#dice;
    const feed = planned.feed.slice(0, recordsMax);
    const puts: (readonly FeedRecord[])[] = [];
    for (let at = 0; at < feed.length;) {
      const size = roll.between(1, 40);
      puts.push(feed.slice(at, at + size));
      at += size;
    }
    const times = puts.map(() => feedMs * roll.fraction()).sort((left, right) => left - right);
    for (const [index, records] of puts.entries())
      this.scheduler.at(times[index]!, () => this.#produce(records));
  }

  #produce(records: readonly FeedRecord[]): void {
    for (const { stream, partitionKey, data } of records)
      this.stores.streams.put(stream, { partitionKey, data });
  }

  #reshard(): void {
    const roll = this.#dice;
    const ofExchange = usesExchange(this.plan) && roll.chance(0.6);
    const stream = ofExchange ? this.exchange : roll.pick(this.plan.sources).stream;
    const { streams } = this.stores;
    const open = streams.openShards(stream);
    const fault = this.faults.at(ofExchange ? "exchange-reshard" : "source-reshard");
    if (fault === undefined || open.length === 0) return;
    const isFull = streams.shards(stream).length + 2 > shardsMax;
    const index = roll.between(0, open.length - 1);
    if (fault.endsWith("-split") && open.length < 7 && !isFull) {
      this.faults.note(fault);
      streams.split(stream, open[index]!.shardId, roll.pick([0.5, roll.fraction()]));
    } else if (fault.endsWith("-merge") && index + 1 < open.length && !isFull) {
      this.faults.note(fault);
      streams.merge(stream, index, this.#isSwapped());
    }
  }

  /** In which order the next merged shard names its parents. */
  #isSwapped(): boolean {
    if (this.faults.at("merge") !== "merge-swapped") return false;
    this.faults.note("merge-swapped");
    this.#context.trace?.("a merged shard names its parents in the other order");
    return true;
  }

  #newPool(): EnvironmentPool {
    const roll = this.#dice;
    const timeoutMs = roll.pick([20_000, 60_000]);
    return new EnvironmentPool({
      scheduler: this.scheduler,
      dice: roll,
      warm: roll.between(2, 6),
      strayChance: roll.pick([0.05, 0.2, 0.6]),
      timeoutMs: this.#limits.invocationMs ?? timeoutMs,
      codeMs: this.#limits.codeMs,
      heapImages: this.settings.heapImages,
      memoryBytes: this.settings.memoryBytes,
      memoryDice: dice(this.#options.seed, 12),
      refused: () => this.faults.note("little-memory"),
      spawn: () => this.#spawn("environment"),
      portsOf: (process) => processPorts(this.#context, process),
      job: () => this.jobRuntime(),
      kill: (process) => this.#kill(process),
      damagesReads: this.#context.faults.occurs("object-damaged"),
      broken: (why) => this.fail(why),
      trace: this.#context.trace,
    });
  }

  #newLeaders(): Leaders {
    const roll = this.#dice;
    return new Leaders({
      scheduler: this.scheduler,
      faults: this.faults,
      pool: this.pool,
      settings: {
        tickIntervalMs: this.settings.tickIntervalMs,
        leaseMs: 10_000,
        quietMs: 55_000,
        shardListMs: roll.pick([500, 5_000]),
        sourceQuietMs: 1_000,
        standbyMs: 65_000,
        standbyPollMs: 500,
        garbageEveryMs: this.settings.garbageEveryMs,
        garbageGraceMs: this.settings.garbageGraceMs,
        frameRetentionMs: Number.MAX_SAFE_INTEGER,
      },
      lifeMs: roll.pick([30_000, 600_000]),
      spawn: () => this.#spawn("coordinator"),
      portsOf: (process) => processPorts(this.#context, process),
      job: () => this.jobRuntime(),
      broken: (why) => this.fail(why),
      isOver: () => this.hasEnded,
      trace: this.#context.trace,
    });
  }

  #spawn(kind: SimProcess["kind"], skewMs?: number): SimProcess {
    const { clockSkewMs } = this.settings;
    let ownSkewMs = 0;
    if (skewMs === undefined && clockSkewMs > 0 && this.faults.at("process") === "clock-skew") {
      this.faults.note("clock-skew");
      ownSkewMs = this.#dice.between(-clockSkewMs, clockSkewMs);
    }
    const name = `${processNames[kind]}${this.#processes++}`;
    if (ownSkewMs !== 0) this.#context.trace?.(`the clock of ${name} is ${ownSkewMs} ms ahead`);
    return { name, kind, skewMs: ownSkewMs, isDead: false, frozenUntilMs: 0, busyUntilMs: 0 };
  }

  #kill(process: SimProcess): void {
    if (process.isDead) return;
    process.isDead = true;
    this.#context.trace?.(`${process.name} dies`);
    this.pool.died(process);
    this.leaders.died(process);
    this.operator.died(process);
  }

  #telemetryOf(process: SimProcess): Telemetry {
    const trace = this.#context?.trace;
    return {
      count: () => undefined,
      alarm: (code, detail) => {
        this.alarms.set(code, (this.alarms.get(code) ?? 0) + 1);
        trace?.(`${process.name} alarm ${code} ${JSON.stringify(detail)}`);
      },
      log: (_level, message, detail) =>
        trace?.(`${process.name} says ${message} ${JSON.stringify(detail ?? {})}`),
    };
  }

  #stamped(trace: ((line: string) => void) | undefined): ((line: string) => void) | undefined {
    if (trace === undefined) return undefined;
    return (line) => trace(`${this.scheduler.nowMs.toFixed(1).padStart(10)} ${line}`);
  }

  #isOverdue(): boolean {
    const { scheduler, settings } = this;
    if (scheduler.nowMs > Math.max(settings.calmMs, settings.feedMs) + stallMs)
      this.#stall("it took too long");
    else if (scheduler.events > eventsMax) this.#stall("too much happened");
    return this.#isStalled;
  }

  #stall(why: string): void {
    this.#isStalled = true;
    const lines = [
      `stalled: ${why}`,
      ...this.invariants.slotNames.map((slot) => this.invariants.describe(slot)),
      ...[...this.#mappings.values()].flatMap((mapping) => mapping.describe()),
      ...this.pool.describe(),
      ...this.leaders.describe(),
      ...this.operator.describe(),
    ];
    this.fail(lines.join("\n    "));
  }
}
