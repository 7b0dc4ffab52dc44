import { setImmediate } from "node:timers/promises";
import { readsStream } from "../../runtime/connectors/sources.ts";
import { exchangeStreamOf } from "../../runtime/embedded/job-world.ts";
import { isMillraceError } from "../../runtime/errors/millrace-error.ts";
import type { CheckpointOptions, Graph } from "../../runtime/graph/node.ts";
import type { JobDefinition } from "../../runtime/index.ts";
import type { Generation } from "../../runtime/job/generation.ts";
import type { JobRuntime } from "../../runtime/job/job-runtime.ts";
import { otherRows, slotRows } from "../../runtime/layout/names.ts";
import { buildPlan } from "../../runtime/planner/build-plan.ts";
import type { Plan } from "../../runtime/plan/plan.ts";
import type { Ports, Telemetry } from "../../runtime/ports/index.ts";
import { collectGarbage } from "../../runtime/savepoints/garbage.ts";
import { type FaultName, Faults, roughFaults, type Suppression } from "./faults.ts";
import { Leaders } from "./leaders.ts";
import { type Limits, refusedKeys, rollLimits } from "./limits.ts";
import { type Mission, Operator, rollCheckpoints, rollMission } from "./operator.ts";
import { forgetOpened } from "./opened.ts";
import { hurry, type Pace, paceOf } from "./pace.ts";
import { EnvironmentPool } from "./pool.ts";
import { outsidePorts } from "./ports/outside-ports.ts";
import { type PortsContext, processPorts, type SimStores } from "./ports/process-ports.ts";
import { dice, type WorldDice } from "./random.ts";
import { Scheduler, type SimProcess } from "./scheduler.ts";
import type { ShapeCase } from "./shape.ts";
import { Traffic } from "./traffic.ts";
import { WatchedStores } from "./watched-stores.ts";
import { rollSettings, type WorldSettings } from "./world-settings.ts";

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
/** Later than any hold lasts. */
const muchLaterMs = 2 * 3_600_000;

const processNames = { environment: "env", coordinator: "leader", operator: "operator" } as const;
/** Shapes share their jobs between seeds. */
const plans = new WeakMap<JobDefinition["graph"], Plan>();

function planOf({ graph }: JobDefinition): Plan {
  let plan = plans.get(graph);
  if (plan === undefined) plans.set(graph, (plan = buildPlan(graph)));
  return plan;
}

/** A job in a simulated world: stores, environments, coordinators, traffic, and whoever runs the job. */
export class World {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  /** Its stores, and what is known of what changed in them. */
  readonly watched: WatchedStores;
  readonly traffic: Traffic;
  readonly operator: Operator;
  readonly mission: Mission;
  readonly checkpoints: CheckpointOptions;
  readonly pool: EnvironmentPool;
  readonly leaders: Leaders;
  readonly plan: Plan;
  readonly exchange: string;
  readonly settings: WorldSettings;
  readonly pace: Pace;
  readonly failures: string[] = [];
  readonly alarms = new Map<string, number>();
  hasEnded = false;
  /** It has ended because somebody drained it. */
  isDrained = false;
  readonly #options: WorldOptions;
  readonly #isRough: boolean;
  readonly #dice: WorldDice;
  readonly #missionDice: WorldDice;
  readonly #trace: ((line: string) => void) | undefined;
  readonly #context: PortsContext;
  readonly #graphs = new Map<Graph, Graph>();
  readonly #limits: Limits;
  #processes = 0;
  #ids = 0;
  #calls = 0;
  #isStalled = false;
  #isDeployed = false;

  constructor(options: WorldOptions) {
    const { seed, planned } = options;
    this.#options = options;
    this.#trace = this.#stamped(options.trace);
    this.#dice = dice(seed, 1);
    this.#missionDice = dice(seed, 5);
    this.scheduler = new Scheduler(dice(seed, 2));
    // A few worlds in which all happens at once find more than many in which little does.
    this.#isRough = dice(seed, 7).chance(roughShare);
    this.faults = this.#newFaults();
    this.plan = planOf(planned.job);
    this.exchange = exchangeStreamOf(this.plan);
    this.settings = rollSettings({
      seed,
      dice: this.#dice,
      faults: this.faults,
      hasFiles: !this.plan.sources.every(readsStream),
    });
    this.#limits = rollLimits(dice(seed, 8), this.faults);
    this.pace = paceOf(this.settings, this.#limits, this.#dice.pick([500, 5_000]));
    this.watched = this.#newStores();
    this.mission = rollMission(this.#missionDice, {
      planned,
      isRough: this.#isRough,
      wanted: options.mission,
    });
    this.checkpoints = this.#checkpointsWhile(rollCheckpoints(this.#missionDice, this.mission));
    this.#context = this.#newContext();
    this.pool = this.#newPool();
    this.leaders = this.#newLeaders();
    this.traffic = this.#newTraffic();
    this.operator = this.#newOperator();
  }

  get graph(): Graph {
    return this.#options.planned.job.graph;
  }

  get stores(): SimStores {
    return this.watched.stores;
  }

  /** Runs the job to its end, and the sleepers to theirs. */
  async run(): Promise<void> {
    this.#trace?.(`the world is ${JSON.stringify(this.settings)}`);
    this.#trace?.(`its limits are ${JSON.stringify(this.#limits)}`);
    this.traffic.createStreams();
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
    for (const missing of this.watched.living.undelivered())
      this.fail(`the job has ended, but a version is not delivered: ${missing}`);
    for (const leftover of await this.fromOutside(this.#leftovers()))
      this.fail(`invariant: what nobody needs is never collected: ${leftover}`);
  }

  /** Rows that a collection leaves which is made when everything is over, whatever came late. */
  async #leftovers(): Promise<readonly string[]> {
    const { job } = this.plan;
    const { control } = this.stores;
    const ports = this.outsidePorts();
    const clock = { ...ports.clock, nowMs: () => ports.clock.nowMs() + muchLaterMs };
    await collectGarbage({ ...ports, clock }, { job, retain: this.checkpoints.retain, graceMs: 0 });
    const partitions = [otherRows.holds(job)];
    for (let generation = 1; generation < this.watched.lineage.last; generation++)
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
    this.#trace?.(`FAILURE ${failure}`);
    if (this.failures.length < 20) this.failures.push(failure);
  }

  /** What somebody finds who looks at a world in which nothing happens any more: a port of it would never answer. */
  async fromOutside<T>(look: Promise<T>): Promise<T> {
    let isOver = false;
    const over = (): void => void (isOver = true);
    look.then(over, over);
    while (!isOver) {
      if (this.scheduler.pending > 0) throw new Error("Who looks at the ended world waits for it.");
      await setImmediate();
    }
    return await look;
  }

  /** The ports of somebody who looks at the world from outside: no faults, no waiting. */
  outsidePorts(): Ports {
    return outsidePorts(this.#context, this.#spawn("environment", 0));
  }

  jobRuntime(): Omit<JobRuntime, "ports"> {
    const { planned } = this.#options;
    const isNew = this.#isDeployed && this.#dice.chance(0.7);
    const job = isNew ? (planned.redeployed ?? planned.job) : planned.job;
    let graph = this.#graphs.get(job.graph);
    if (graph === undefined) {
      const options = { ...job.graph.options, checkpoints: this.checkpoints };
      this.#graphs.set(job.graph, (graph = { ...job.graph, options }));
    }
    if (isNew) this.#trace?.("the next one runs the new version of the job");
    return {
      graph,
      plan: this.plan,
      names: { exchangeStream: this.exchange, streams: {}, tables: {} },
      settings: this.pace.slot,
    };
  }

  #schedule(): void {
    const { scheduler, settings, faults, traffic } = this;
    const { calmMs } = settings;
    traffic.scheduleFeed();
    scheduler.soon(2_000, () => this.leaders.rule());
    scheduler.at(calmMs, () => {
      faults.hasCeased = true;
      hurry(this.pace);
      this.leaders.hurry();
      this.#trace?.("faults cease");
    });
    this.operator.start(calmMs);
    // The job is given the time for an epoch after the last fault, and ends with it.
    const { intervalMs, timeoutMs } = this.checkpoints;
    traffic.scheduleEnd(Number.isFinite(intervalMs) ? calmMs + 2 * intervalMs + timeoutMs : 0);
    traffic.scheduleReshards();
    if (this.#options.planned.redeployed === undefined || !faults.occurs("deployment")) return;
    scheduler.at(calmMs * this.#dice.fraction(), () => {
      faults.note("deployment");
      this.#trace?.("a new version of the job is deployed");
      this.#isDeployed = true;
    });
  }

  /** What a job is given when its sources have ended is not taken again and again while it comes to its end. */
  #checkpointsWhile(rolled: CheckpointOptions): CheckpointOptions {
    const isOver = (): boolean => this.traffic.haveEnded && !this.operator.isBusy;
    return {
      ...rolled,
      get intervalMs() {
        return isOver() ? Math.max(rolled.intervalMs, stallMs) : rolled.intervalMs;
      },
    };
  }

  #generationWritten(now: Generation, isFirst: boolean): void {
    if (isFirst) this.traffic.published(now.publishedMs - epochMs);
    this.isDrained = now.ended && now.outcome === "stopped" && this.mission === "drain";
    this.hasEnded = (now.ended && now.outcome === "finished") || this.isDrained;
  }

  #newFaults(): Faults {
    const { seed, suppressed, forced } = this.#options;
    return new Faults(dice(seed, 3), suppressed, {
      forced: this.#isRough ? new Set([...forced, ...roughFaults]) : forced,
      isRough: this.#isRough,
      ownDice: (purpose) => dice(seed, purpose),
    });
  }

  #newStores(): WatchedStores {
    const { faults, scheduler } = this;
    const refuses = faults.occurs("rows-refused");
    const isRefused = refusedKeys(this.#options.seed);
    return new WatchedStores({
      plan: this.plan,
      graph: this.graph,
      exchange: this.exchange,
      nowMs: () => epochMs + scheduler.nowMs,
      refuses: (key) => refuses && isRefused(key),
      listener: {
        generationWritten: (now, isFirst) => this.#generationWritten(now, isFirst),
        epochCompleted: () => this.traffic.epochCompleted(this.operator.isBusy),
        rowRefused: () => faults.note("rows-refused"),
        landed: (stream, shard) => this.traffic.landed(stream, shard),
        resharded: (stream, opened) => this.traffic.resharded(stream, opened),
      },
      fail: (failure) => this.fail(failure),
      trace: this.#trace,
    });
  }

  #newContext(): PortsContext {
    return {
      stores: this.stores,
      scheduler: this.scheduler,
      faults: this.faults,
      dice: this.#dice,
      epochMs,
      kill: (process) => this.#kill(process),
      pace: this.pace,
      outage: { untilMs: 0 },
      newId: () => `n${(this.#ids++).toString(36)}`,
      newCallId: () => this.#calls++,
      telemetry: (process) => this.#telemetryOf(process),
      trace: this.#trace,
    };
  }

  #newTraffic(): Traffic {
    const { planned, recordsMax } = this.#options;
    return new Traffic({
      plan: this.plan,
      exchange: this.exchange,
      feed: planned.feed.slice(0, recordsMax),
      settings: this.settings,
      pace: this.pace,
      streams: this.stores.streams,
      files: this.stores.files,
      scheduler: this.scheduler,
      faults: this.faults,
      dice: this.#dice,
      missionDice: this.#missionDice,
      pool: this.pool,
      isRough: this.#isRough,
      trace: this.#trace,
    });
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
      rescale: () => this.traffic.rescale(),
      isOver: () => this.hasEnded,
      trace: this.#trace,
      isExpected: (error) => this.#isDamage(error),
      broken: (why) => this.fail(why),
    });
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
      pace: this.pace,
      heapImages: this.settings.heapImages,
      memoryBytes: this.settings.memoryBytes,
      memoryDice: dice(this.#options.seed, 12),
      refused: () => this.faults.note("little-memory"),
      spawn: () => this.#spawn("environment"),
      portsOf: (process) => processPorts(this.#context, process),
      job: () => this.jobRuntime(),
      kill: (process) => this.#kill(process),
      isExpected: (error) => this.#isDamage(error),
      broken: (why) => this.fail(why),
      trace: this.#trace,
    });
  }

  #newLeaders(): Leaders {
    const roll = this.#dice;
    return new Leaders({
      scheduler: this.scheduler,
      faults: this.faults,
      pool: this.pool,
      settings: this.pace.coordinator,
      lifeMs: roll.pick([30_000, 600_000]),
      spawn: () => this.#spawn("coordinator"),
      portsOf: (process) => processPorts(this.#context, process),
      job: () => this.jobRuntime(),
      isExpected: (error) => this.#isDamage(error),
      broken: (why) => this.fail(why),
      isOver: () => this.hasEnded,
      trace: this.#trace,
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
    if (ownSkewMs !== 0) this.#trace?.(`the clock of ${name} is ${ownSkewMs} ms ahead`);
    return { name, kind, skewMs: ownSkewMs, isDead: false, frozenUntilMs: 0, busyUntilMs: 0 };
  }

  #kill(process: SimProcess): void {
    if (process.isDead) return;
    process.isDead = true;
    this.#trace?.(`${process.name} dies`);
    this.pool.died(process);
    this.leaders.died(process);
    this.operator.died(process);
  }

  /** Bytes that were read wrongly are refused; whoever comes next finds them as they are. */
  #isDamage(error: unknown): boolean {
    const { faults } = this;
    return (
      (faults.occurs("object-damaged") || faults.occurs("record-damaged")) &&
      isMillraceError(error) &&
      error.code === "format-corrupt"
    );
  }

  #telemetryOf(process: SimProcess): Telemetry {
    const trace = this.#trace;
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
    const { living } = this.watched;
    const lines = [
      `stalled: ${why}`,
      ...living.slotNames.map((slot) => living.describe(slot)),
      ...this.traffic.describe(),
      ...this.pool.describe(),
      ...this.leaders.describe(),
      ...this.operator.describe(),
    ];
    this.fail(lines.join("\n    "));
  }
}
