import { listManifests, type Manifest, readManifest } from "../../runtime/checkpoint/manifest.ts";
import { isMillraceError, messageOf } from "../../runtime/errors/millrace-error.ts";
import type { CheckpointOptions } from "../../runtime/graph/node.ts";
import { objectNames } from "../../runtime/layout/names.ts";
import type { Ports } from "../../runtime/ports/index.ts";
import { askForSavepoint } from "../../runtime/savepoints/requests.ts";
import { restore } from "../../runtime/savepoints/restore.ts";
import { readGeneration } from "../../runtime/job/generation.ts";
import type { JobRuntime } from "../../runtime/job/job-runtime.ts";
import { textOf } from "./pool.ts";
import type { WorldDice } from "./random.ts";
import type { Scheduler, SimProcess } from "./scheduler.ts";
import type { ShapeCase } from "./shape.ts";

/** What whoever runs the job does with it besides deploying it. */
export type Mission =
  /** Nothing, and no checkpoints either. */
  | "none"
  | "checkpoints"
  | "savepoint"
  /** Stops the job with a savepoint, and restores it at another parallelism. */
  | "stop"
  /** Stops the job after its sources have reported their ends, and all that was taken has come out. */
  | "drain"
  /** Takes the running job back to some complete epoch, while the generation before still runs. */
  | "take-back";

export interface OperatorOptions {
  readonly dice: WorldDice;
  readonly scheduler: Scheduler;
  readonly mission: Mission;
  /** Whether somebody else gives a command at the same time. */
  readonly isDoubled: () => boolean;
  readonly job: () => Omit<JobRuntime, "ports">;
  readonly spawn: () => SimProcess;
  readonly portsOf: (process: SimProcess) => Ports;
  /** Splits and merges shards of the exchange, so that a restore finds another number of them. */
  readonly rescale: () => void;
  readonly isOver: () => boolean;
  readonly trace: ((line: string) => void) | undefined;
  /** A command may fail with it: a fault of this world explains it. */
  readonly isExpected: (error: unknown) => boolean;
  readonly broken: (why: string) => void;
}

const retryMs = 2_000;
const pollMs = 500;
const doubledMaxMs = 1_000;

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

export interface MissionOptions {
  readonly planned: ShapeCase;
  readonly isRough: boolean;
  /** Whatever the dice say. */
  readonly wanted: Mission | undefined;
}

/** What the operator is up to: decided apart from everything else. */
export function rollMission(
  dice: WorldDice,
  { planned, isRough, wanted }: MissionOptions,
): Mission {
  const rolled = dice.pick(missions);
  const mission = wanted ?? (isRough ? dice.pick(["stop", "take-back", "take-back"]) : rolled);
  // Where arrival decides what is late, what was taken back may have been on time; where it decides which row is the last, rows of another one stay.
  const { job, knowsTakingBack = false } = planned;
  const decides = job.graph.nodes.some(
    (node) =>
      ((node.kind === "window" || node.kind === "multiJoin") && !knowsTakingBack) ||
      (node.kind === "process" && Object.keys(node.definition.onTimer ?? {}).length > 0),
  );
  return mission === "take-back" && decides ? "stop" : mission;
}

/** When a world's job is checkpointed. */
export function rollCheckpoints(dice: WorldDice, mission: Mission): CheckpointOptions {
  const takes =
    mission !== "none" && ((mission !== "stop" && mission !== "drain") || dice.chance(0.7));
  return {
    intervalMs: takes ? dice.pick([800, 2_500, 6_000]) : Number.POSITIVE_INFINITY,
    timeoutMs: dice.pick([4_000, 15_000]),
    minPauseMs: dice.pick([0, 500]),
    tolerableFailures: 3,
    retain: dice.pick([1, 3]),
    onCancel: "retain",
  };
}

/**
 * Someone who runs the job by its commands. Each command is a process of its own: it may die or fail in the middle, and is tried
 * again by another one.
 */
export class Operator {
  readonly #options: OperatorOptions;
  #current: SimProcess | undefined;
  #savepoints = 0;
  /** What is left to be done. */
  #left: number;
  /** Something that was begun is not done yet: a job that was stopped must be restored. */
  isBusy = false;
  /** Restores that were published. */
  restores = 0;

  constructor(options: OperatorOptions) {
    this.#options = options;
    const { mission, dice } = options;
    this.#left = mission === "none" || mission === "checkpoints" ? 0 : dice.between(1, 2);
  }

  /** Begins at random times up to `untilMs` of virtual time. */
  start(untilMs: number): void {
    const { scheduler, dice } = this.#options;
    for (let left = this.#left; left > 0; left--)
      scheduler.at(untilMs * (0.15 + 0.85 * dice.fraction()), () => this.#begin());
  }

  died(process: SimProcess): void {
    if (this.#current !== process) return;
    this.#again();
  }

  describe(): readonly string[] {
    const { mission } = this.#options;
    return this.isBusy ? [`the operator is busy with: ${mission}`] : [];
  }

  #begin(): void {
    const { isOver } = this.#options;
    if (isOver() || this.isBusy) return;
    this.isBusy = true;
    this.#run();
  }

  #again(): void {
    const { scheduler } = this.#options;
    this.#current = undefined;
    scheduler.soon(retryMs, () => this.#run());
  }

  #run(): void {
    const { spawn, isOver, broken, scheduler } = this.#options;
    if (isOver()) {
      this.isBusy = false;
      return;
    }
    const process = spawn();
    scheduler.note(process.name);
    this.#current = process;
    this.#double();
    this.#act(process).then(
      () => {
        if (this.#current !== process) return;
        this.#current = undefined;
        this.isBusy = false;
      },
      (error: unknown) => {
        if (this.#current !== process) return;
        if (!this.#isExpected(error)) {
          broken(`the operator failed: ${textOf(error)}`);
          return;
        }
        this.#options.trace?.(`${process.name} fails: ${messageOf(error)}`);
        this.#again();
      },
    );
  }

  /** Whoever else restores the job at this moment: once, whatever comes of it. */
  #double(): void {
    const { spawn, broken, scheduler, mission, isDoubled } = this.#options;
    if (mission !== "take-back" || !isDoubled()) return;
    const process = spawn();
    this.#options.trace?.(`${process.name} gives the same command`);
    scheduler.soon(doubledMaxMs, () => {
      this.#act(process).catch((error: unknown) => {
        if (!this.#isExpected(error)) broken(`a second operator failed: ${textOf(error)}`);
      });
    });
  }

  async #act(process: SimProcess): Promise<void> {
    const { mission, portsOf } = this.#options;
    const ports = portsOf(process);
    if (mission === "savepoint") await this.#takeSavepoint(ports);
    else if (mission === "stop") await this.#stop(ports, "stop");
    else if (mission === "drain") await this.#stop(ports, "drain");
    else if (mission === "take-back") await this.#takeBack(ports);
  }

  #isExpected(error: unknown): boolean {
    return (
      (isMillraceError(error) && (error.retryable || expected.has(error.code))) ||
      this.#options.isExpected(error)
    );
  }

  async #takeSavepoint(ports: Ports): Promise<void> {
    const { plan } = this.#options.job();
    const id = `s${this.#savepoints++}`;
    const generation = await readGeneration(ports, plan.job);
    if (generation === undefined || generation.ended) return;
    await askForSavepoint(ports, { job: plan.job, id, kind: "savepoint" });
  }

  async #stop(ports: Ports, kind: "stop" | "drain"): Promise<void> {
    const { job, isOver, dice } = this.#options;
    const { plan } = job();
    let generation = await readGeneration(ports, plan.job);
    if (generation === undefined) return;
    if (!generation.ended) {
      const id = `s${this.#savepoints++}`;
      await askForSavepoint(ports, { job: plan.job, id, kind });
    }
    while (generation?.ended !== true) {
      if (isOver()) return;
      await ports.clock.sleep(pollMs);
      generation = await readGeneration(ports, plan.job);
    }
    const { savepoint } = generation;
    if (kind === "drain") return;
    if (generation.outcome !== "stopped" || savepoint === undefined) return;
    if (dice.chance(0.7)) this.#options.rescale();
    await this.#restore(ports, savepoint);
  }

  async #takeBack(ports: Ports): Promise<void> {
    const { job, dice, isOver } = this.#options;
    const { plan } = job();
    const complete: Manifest[] = [];
    while (complete.length === 0) {
      if (isOver()) return;
      for (const epoch of await listManifests(ports, plan.job))
        if (epoch.status === "complete") complete.push(epoch);
      if (complete.length === 0) await ports.clock.sleep(pollMs);
    }
    const { generation, epoch } = dice.pick(complete);
    if (dice.chance(0.5)) this.#options.rescale();
    await this.#restore(ports, objectNames.manifest(plan.job, generation, epoch));
  }

  async #restore(ports: Ports, manifest: string): Promise<void> {
    const runtime: JobRuntime = { ...this.#options.job(), ports };
    // What a restore reads must be there however old the epoch is.
    await readManifest(ports.objects, manifest);
    await restore({ job: runtime, manifest });
    this.restores += 1;
  }
}

/** What a command may be told without anything being wrong. */
const expected = new Set(["job-not-running", "savepoint-exists", "manifest-missing"]);
