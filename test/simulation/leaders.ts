import { type CoordinatorEnd, runCoordinator } from "../../runtime/coordinator/coordinator.ts";
import type { CoordinatorSettings } from "../../runtime/coordinator/options.ts";
import { isMillraceError, messageOf, storeError } from "../../runtime/errors/millrace-error.ts";
import type { Ports, SlotInvocation } from "../../runtime/ports/index.ts";
import type { JobRuntime } from "../../runtime/job/job-runtime.ts";
import type { Faults } from "./faults.ts";
import { type EnvironmentPool, textOf } from "./pool.ts";
import type { Scheduler, SimProcess } from "./scheduler.ts";

export interface LeadersOptions {
  readonly scheduler: Scheduler;
  readonly faults: Faults;
  readonly pool: EnvironmentPool;
  readonly settings: CoordinatorSettings;
  /** How long one invocation of the coordinator lasts at most. */
  readonly lifeMs: number;
  readonly spawn: () => SimProcess;
  readonly portsOf: (process: SimProcess) => Ports;
  readonly job: () => Omit<JobRuntime, "ports">;
  /** A coordinator may end with it: a fault of this world explains it. */
  readonly isExpected: (error: unknown) => boolean;
  readonly broken: (why: string) => void;
  readonly isOver: () => boolean;
  readonly trace: ((line: string) => void) | undefined;
}

const ruleMs = 60_000;
const restartMaxMs = 15_000;

/** The coordinator's function: a rule starts it every minute, and something else does soon after one has ended or died. */
export class Leaders {
  readonly #options: LeadersOptions;
  readonly #living = new Set<SimProcess>();
  starts = 0;
  readonly ends = new Map<CoordinatorEnd | "failed", number>();

  constructor(options: LeadersOptions) {
    this.#options = options;
  }

  /** Follows the rule from now on. */
  rule(): void {
    const { scheduler, isOver, faults } = this.#options;
    if (isOver()) return;
    const isTwice = faults.at("minute") === "coordinator-twice";
    if (!this.#isAnyAwake()) this.#start();
    else if (isTwice) {
      faults.note("coordinator-twice");
      this.#start();
    }
    scheduler.at(scheduler.nowMs + (faults.occurs("coordinator-twice") ? ruleMs / 8 : ruleMs), () =>
      this.rule(),
    );
  }

  /** Somebody leads soon, although whoever leads may sleep. */
  hurry(): void {
    if (!this.#isAnyAwake()) this.#startSoon();
  }

  died(process: SimProcess): void {
    if (this.#living.delete(process)) this.#startSoon();
  }

  describe(): readonly string[] {
    return [...this.#living].map(
      ({ name, frozenUntilMs }) =>
        `${name} leads or tries to${frozenUntilMs > this.#options.scheduler.nowMs ? ", and sleeps" : ""}`,
    );
  }

  #startSoon(): void {
    const { scheduler, isOver } = this.#options;
    scheduler.soon(restartMaxMs, () => {
      if (!isOver() && !this.#isAnyAwake()) this.#start();
    });
  }

  #isAnyAwake(): boolean {
    const { nowMs } = this.#options.scheduler;
    return [...this.#living].some(({ frozenUntilMs }) => frozenUntilMs <= nowMs);
  }

  #start(): void {
    const { spawn, portsOf, job, settings, lifeMs, isOver, scheduler, trace } = this.#options;
    const process = spawn();
    trace?.(`${process.name} starts beside ${this.#living.size} others`);
    scheduler.note(process.name);
    this.#living.add(process);
    this.starts += 1;
    const runtime = { ...job(), ports: portsOf(process) };
    const deadlineMs = runtime.ports.clock.nowMs() + lifeMs;
    const invoker = { invoke: (slot: SlotInvocation) => this.#invoke(process, slot) };
    // A sleeper does not hinder others from being started.
    scheduler.at(scheduler.nowMs + lifeMs + 1_000, () => {
      if (this.#living.delete(process)) this.#startSoon();
    });
    runCoordinator({ job: runtime, settings, deadlineMs, invoker, isStopped: isOver }).then(
      (end) => this.#ended(process, end),
      (error: unknown) => {
        trace?.(`${process.name} fails: ${messageOf(error)}`);
        const { isExpected } = this.#options;
        if (!(isMillraceError(error) && error.retryable) && !isExpected(error))
          this.#options.broken(`a coordinator failed: ${textOf(error)}`);
        this.#ended(process, "failed");
      },
    );
  }

  #ended(process: SimProcess, end: CoordinatorEnd | "failed"): void {
    this.ends.set(end, (this.ends.get(end) ?? 0) + 1);
    this.#options.trace?.(`${process.name} ends: ${end}`);
    process.isDead = true;
    if (this.#living.delete(process) && end !== "ended") this.#startSoon();
  }

  #invoke(process: SimProcess, slot: SlotInvocation): Promise<void> {
    const { pool, scheduler, faults } = this.#options;
    return new Promise((resolve, reject) => {
      if (faults.at("invocation") === "invocation-lost") {
        faults.note("invocation-lost");
        scheduler.soon(500, () => reject(failed(slot)), process);
        return;
      }
      pool.invoke({
        batch: { ...slot, records: [] },
        done: (end) =>
          scheduler.soon(
            10,
            () => (end.kind === "done" ? resolve() : reject(failed(slot))),
            process,
          ),
      });
    });
  }
}

function failed({ stream, shardId }: SlotInvocation): Error {
  return storeError("invocation-failed", {
    message: `The slot of ${stream}/${shardId} could not be invoked.`,
    retryable: true,
  });
}
