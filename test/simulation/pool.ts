import { isMillraceError, messageOf, storeError } from "../../runtime/errors/millrace-error.ts";
import type { Deadline, Ports } from "../../runtime/ports/index.ts";
import { createEnvironment, type SlotEnvironment } from "../../runtime/slot/image/environment.ts";
import type { JobRuntime } from "../../runtime/job/job-runtime.ts";
import { type Batch, type BatchOutcome, processBatch } from "../../runtime/slot/process-batch.ts";
import { slotOfShard } from "../../runtime/job/slot-ref.ts";
import { stateBytesOf } from "../../runtime/slot/image/slot-image.ts";
import type { Pace } from "./pace.ts";
import { SimHeap } from "./ports/sim-heap.ts";
import type { WorldDice } from "./random.ts";
import { takeCodeRuns } from "./shape.ts";
import type { Scheduler, SimProcess } from "./scheduler.ts";

export type InvocationEnd =
  | { readonly kind: "done"; readonly outcome: BatchOutcome }
  | { readonly kind: "failed"; readonly error: unknown };

export interface Invocation {
  readonly batch: Batch;
  readonly done: (end: InvocationEnd) => void;
}

export interface PoolOptions {
  readonly scheduler: Scheduler;
  readonly dice: WorldDice;
  /** Environments that are kept warm. */
  readonly warm: number;
  /** The chance that an invocation does not go to the environment that had its shard last. */
  readonly strayChance: number;
  readonly timeoutMs: number;
  readonly pace: Pick<Pace, "codeMs">;
  /** Images that the heap of an environment has room for, beside those in hand. */
  readonly heapImages: number;
  /** What the state of an environment's images may take, until there is more memory; Infinity where there is enough. */
  readonly memoryBytes: number;
  readonly memoryDice: WorldDice;
  /** An environment has refused to go on with too little memory. */
  readonly refused: () => void;
  readonly spawn: () => SimProcess;
  readonly portsOf: (process: SimProcess) => Ports;
  /** The job as it is deployed now. */
  readonly job: () => Omit<JobRuntime, "ports">;
  readonly kill: (process: SimProcess) => void;
  /** An invocation may fail with it although no retry is promised to help: a fault of this world explains it. */
  readonly isExpected: (error: unknown) => boolean;
  /** An invocation failed in a way in which none may. */
  readonly broken: (why: string) => void;
  readonly trace: ((line: string) => void) | undefined;
}

interface Warm {
  readonly process: SimProcess;
  readonly environment: SlotEnvironment;
  readonly heap: SimHeap;
  /** What the function was given when it began. */
  readonly memoryBytes: number;
  running: RunningInvocation | undefined;
}

interface RunningInvocation extends Invocation {
  /** Whoever invoked has been told how it went. */
  isTold: boolean;
}

const concurrentMax = 24;
/** Above these shares of what it may take an environment takes no more state, and below the lower one it has no reason to refuse any. */
const refusal = { at: 0.8, from: 0.75 };
/** How soon whoever runs the job has given it more memory, and how many times as much. */
const moreMemory = { soonMs: 30_000, times: 4 };

/** The warm environments of a function: each runs one invocation at a time, and others are started where all are busy. */
export class EnvironmentPool {
  readonly #options: PoolOptions;
  #environments: Warm[] = [];
  readonly #lastOf = new Map<string, Warm>();
  readonly #waiting: Invocation[] = [];
  #memoryBytes: number;
  #isAsked = false;
  readonly events = { loads: 0, redeliveries: 0, lostRaces: 0, selfReads: 0, parts: 0 };

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#memoryBytes = options.memoryBytes;
  }

  invoke(invocation: Invocation): void {
    const warm = this.#pick(invocation.batch);
    if (warm === undefined) this.#waiting.push(invocation);
    else this.#run(warm, invocation);
  }

  /** An environment has died: its invocation fails, without a word of it. */
  died(process: SimProcess): void {
    const warm = this.#environments.find((candidate) => candidate.process === process);
    if (warm === undefined) return;
    this.#leave(warm);
    if (warm.running !== undefined)
      this.#tell(warm.running, { kind: "failed", error: lost("the environment died") });
  }

  /** What is running, for somebody who wonders why nothing moves. */
  describe(): readonly string[] {
    return this.#environments.flatMap(({ process, running }) =>
      running === undefined
        ? []
        : [
            `${process.name} serves ${running.batch.stream}/${running.batch.shardId}` +
              (process.frozenUntilMs > this.#options.scheduler.nowMs ? " and sleeps" : ""),
          ],
    );
  }

  #pick({ stream, shardId }: Batch): Warm | undefined {
    const { dice, strayChance } = this.#options;
    const last = this.#lastOf.get(`${stream}/${shardId}`);
    if (
      last !== undefined &&
      last.running === undefined &&
      !last.process.isDead &&
      this.#environments.includes(last) &&
      !dice.chance(strayChance)
    )
      return last;
    const free = this.#environments.filter(({ running }) => running === undefined);
    if (free.length > 0) return dice.pick(free);
    return this.#environments.length < concurrentMax ? this.#start() : undefined;
  }

  #start(): Warm {
    const { spawn, portsOf, job } = this.#options;
    const process = spawn();
    const heap = new SimHeap({
      roomImages: this.#options.heapImages,
      limitBytes: this.#memoryBytes,
      dice: this.#options.memoryDice,
      images: () => environment.images.values(),
    });
    const environment: SlotEnvironment = createEnvironment({
      ...job(),
      ports: { ...portsOf(process), heap },
    });
    const memoryBytes = this.#memoryBytes;
    const warm: Warm = { process, environment, heap, memoryBytes, running: undefined };
    this.#environments.push(warm);
    return warm;
  }

  #run(warm: Warm, invocation: Invocation): void {
    const { scheduler, timeoutMs, trace } = this.#options;
    const { batch } = invocation;
    const running: RunningInvocation = { ...invocation, isTold: false };
    warm.running = running;
    this.#lastOf.set(`${batch.stream}/${batch.shardId}`, warm);
    const { process } = warm;
    scheduler.note(process.name);
    trace?.(
      `${process.name} is invoked for ${batch.stream}/${batch.shardId} ${batch.records[0]?.sequence ?? "to look"}..${batch.records.at(-1)?.sequence ?? ""}`,
    );
    scheduler.at(scheduler.nowMs + timeoutMs, () => this.#timeOut(warm, running));
    const before = { ...warm.environment.events };
    const stateBytes = stateBytesIn(warm.environment, batch);
    processBatch(warm.environment, { ...batch, deadline: this.#deadlineOf(process) }).then(
      (outcome) => {
        this.#checkImages(warm, batch, before);
        if (warm.environment.events.commits > before.commits)
          this.#checkMemory(warm, stateBytes, stateBytesIn(warm.environment, batch));
        this.#end(warm, running, { kind: "done", outcome });
      },
      (error: unknown) => this.#end(warm, running, { kind: "failed", error }),
    );
  }

  /** Time goes by for each run of user code: whoever looks at the clock behind it finds so much less. */
  #deadlineOf(process: SimProcess): Deadline {
    const { scheduler, timeoutMs, pace } = this.#options;
    const endMs = scheduler.nowMs + timeoutMs;
    return {
      remainingMs() {
        process.busyUntilMs =
          Math.max(process.busyUntilMs, scheduler.nowMs) + takeCodeRuns() * pace.codeMs;
        return endMs - process.busyUntilMs;
      },
    };
  }

  /** What was there before a batch has gone as far as there was no room for it, and what the batch was for is kept. */
  #checkImages({ environment }: Warm, { shardId }: Batch, before: SlotEnvironment["events"]): void {
    const { images, events } = environment;
    const { heapImages, broken } = this.#options;
    const loaded = events.loads - before.loads;
    if (images.size > heapImages + loaded)
      broken(
        `${images.size} images are kept, ${loaded} of them new, where ${heapImages} have room`,
      );
    if (
      events.commits > before.commits &&
      ![...images.values()].some(({ slot }) => slot.shardId === shardId)
    )
      broken(`the image of ${shardId} is evicted by the batch that it was for`);
  }

  /** Whoever finds that what it holds of a slot is too much does nothing that makes it more. */
  #checkMemory({ memoryBytes }: Warm, beforeBytes: number, stateBytes: number): void {
    if (beforeBytes > refusal.at * memoryBytes && stateBytes > beforeBytes)
      this.#options.broken(
        `state of ${beforeBytes} bytes grows to ${stateBytes}, where an environment may hold ${memoryBytes}`,
      );
  }

  /** An environment refuses to go on: rightly where it is full of what is alive. Whoever runs the job is told, and gives it more. */
  #refuses({ process, heap, memoryBytes }: Warm, error: unknown): boolean {
    if (!isMillraceError(error) || error.code !== "state-too-large") return false;
    const { aliveShare, isCollected } = heap.lastLook;
    const { broken, refused, scheduler, trace } = this.#options;
    if (aliveShare <= refusal.from || !isCollected)
      broken(`${process.name} refuses to go on, although ${aliveShare} of its heap is alive`);
    refused();
    if (memoryBytes < this.#memoryBytes || this.#isAsked) return true;
    this.#isAsked = true;
    scheduler.soon(moreMemory.soonMs, () => {
      this.#isAsked = false;
      this.#memoryBytes *= moreMemory.times;
      trace?.(`environments may hold ${this.#memoryBytes} bytes from now on`);
      for (const warm of this.#environments) if (warm.running === undefined) this.#leave(warm);
    });
    return true;
  }

  #timeOut(warm: Warm, running: RunningInvocation): void {
    if (warm.running !== running || warm.process.isDead) return;
    this.#options.trace?.(`${warm.process.name} times out`);
    this.#tell(running, { kind: "failed", error: lost("it timed out") });
    // A sleeper may wake up; what is merely slow is stopped.
    if (warm.process.frozenUntilMs <= this.#options.scheduler.nowMs)
      this.#options.kill(warm.process);
  }

  #end(warm: Warm, running: RunningInvocation, end: InvocationEnd): void {
    const { trace, broken, isExpected } = this.#options;
    if (trace !== undefined) {
      const how =
        end.kind === "failed"
          ? `fails: ${messageOf(end.error)}`
          : `is done ${end.outcome.failedSequence === undefined ? "" : `but for ${end.outcome.failedSequence}`}`;
      trace(`${warm.process.name} ${how}`);
    }
    if (
      end.kind === "failed" &&
      !isRetryable(end.error) &&
      !isExpected(end.error) &&
      !this.#refuses(warm, end.error)
    )
      broken(
        `an invocation for ${running.batch.stream}/${running.batch.shardId} failed: ${textOf(end.error)}`,
      );
    warm.running = undefined;
    this.#tell(running, end);
    // What was given more memory meanwhile begins anew.
    if (warm.memoryBytes < this.#memoryBytes) return this.#leave(warm);
    const { warm: kept, dice } = this.#options;
    const next = this.#waiting.shift();
    if (next !== undefined) this.#run(warm, next);
    else if (this.#environments.length > kept && dice.chance(0.1)) this.#leave(warm);
  }

  #tell(running: RunningInvocation, end: InvocationEnd): void {
    if (running.isTold) return;
    running.isTold = true;
    this.#options.scheduler.soon(20, () => running.done(end));
  }

  #leave(warm: Warm): void {
    this.#environments = this.#environments.filter((candidate) => candidate !== warm);
    for (const name of Object.keys(this.events) as (keyof typeof this.events)[])
      this.events[name] += warm.environment.events[name];
    const next = this.#waiting.shift();
    if (next !== undefined) this.#run(this.#start(), next);
  }

  /** Adds up what the environments that are left have counted. */
  close(): void {
    this.#waiting.length = 0;
    for (const warm of this.#environments) this.#leave(warm);
  }
}

/** What an environment holds of the slot that a batch is for. */
function stateBytesIn({ job, images }: SlotEnvironment, { stream, shardId }: Batch): number {
  const { name } = slotOfShard(job, stream, shardId);
  const image = [...images.values()].find(({ slot }) => slot.name === name);
  return image === undefined ? 0 : stateBytesOf(image);
}

function isRetryable(error: unknown): boolean {
  return isMillraceError(error) && error.retryable;
}

function lost(why: string): Error {
  return storeError("invocation-failed", { message: `No answer: ${why}.`, retryable: true });
}

export function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
