import { jobError, messageOf } from "../../errors/millrace-error.ts";
import { failIn, UserCodeFailure } from "../../operators/contract.ts";
import { timeMaxMs } from "../../graph/event-time.ts";
import type { SourceNode } from "../../graph/node.ts";
import { synchronous } from "../../graph/synchronous.ts";
import type { WatermarkContext, WatermarkGenerator } from "../../graph/watermark-strategy.ts";
import type { GeneratorProgress } from "../../job/slot-meta.ts";
import { copyValue } from "../../serde/copy-value.ts";

/** A source's generator of watermarks in one step: what it does is the step's, and is undone with it. */
export interface WatermarkGeneration {
  readonly watermarkMs: number;
  readonly idle: boolean;
  /** @throws UserCodeFailure */
  onEvent(value: unknown, timestampMs: number): void;
  /** Answers what the user's function threw; it has done nothing then. */
  onPeriodicEmit(): UserCodeFailure | undefined;
  /** What is committed: nothing of it is changed by later calls. */
  progress(): GeneratorProgress;
}

/** Goes on from what was committed. */
export function watermarkGeneration(
  { uid, watermarks: { generator } }: Pick<SourceNode, "uid" | "watermarks">,
  { before, nowMs }: { readonly before: GeneratorProgress | undefined; readonly nowMs: number },
): WatermarkGeneration | undefined {
  return generator === undefined ? undefined : new Generation(uid, generator, before, nowMs);
}

class Generation implements WatermarkGeneration, WatermarkContext<unknown> {
  readonly #uid: string;
  readonly #generator: WatermarkGenerator<unknown, unknown>;
  readonly nowMs: number;
  state: unknown;
  timestampMs = Number.NEGATIVE_INFINITY;
  watermarkMs: number;
  idle: boolean;

  constructor(
    uid: string,
    generator: WatermarkGenerator<unknown, unknown>,
    before: GeneratorProgress | undefined,
    nowMs: number,
  ) {
    this.#uid = uid;
    this.#generator = generator;
    this.nowMs = nowMs;
    this.watermarkMs = before?.watermarkMs ?? Number.NEGATIVE_INFINITY;
    this.idle = before?.idle ?? false;
    this.state = before === undefined ? this.#initial() : this.#copy(before.state);
  }

  /** No element is to blame for it: the batch is given back until the job is mended. */
  #initial(): unknown {
    try {
      return synchronous(this.#generator.initial(), "initial");
    } catch (thrown) {
      throw jobError("watermark-generator-failed", {
        uid: this.#uid,
        message: `\`initial\` of the watermark generator of "${this.#uid}" fails: ${messageOf(thrown)}`,
        next: "Have it make what the generator begins with, out of nothing else.",
      });
    }
  }

  onEvent(value: unknown, timestampMs: number): void {
    const { onEvent } = this.#generator;
    if (onEvent === undefined) return;
    this.timestampMs = timestampMs;
    try {
      synchronous(onEvent(value, this) as unknown, "onEvent");
    } catch (thrown) {
      failIn(this.#uid, thrown);
    }
  }

  onPeriodicEmit(): UserCodeFailure | undefined {
    const { onPeriodicEmit } = this.#generator;
    if (onPeriodicEmit === undefined) return undefined;
    const { state, watermarkMs, idle } = this.progress();
    try {
      synchronous(onPeriodicEmit(this) as unknown, "onPeriodicEmit");
      // What can't be kept fails here, where it is known whose it is.
      this.state = this.#copy(this.state);
      return undefined;
    } catch (thrown) {
      this.state = state;
      this.watermarkMs = watermarkMs;
      this.idle = idle === true;
      return new UserCodeFailure(this.#uid, thrown);
    }
  }

  progress(): GeneratorProgress {
    const { watermarkMs } = this;
    const state = this.#copy(this.state);
    return { watermarkMs, state, ...(this.idle ? { idle: true as const } : {}) };
  }

  // Functions of their own: users take them out of the context.

  /** As Flink's WatermarkToDataOutput: one that does not rise says nothing, and one that does makes the shard active. */
  readonly emitWatermark = (timestampMs: number): void => {
    if (!Number.isInteger(timestampMs) || Math.abs(timestampMs) > timeMaxMs)
      throw new Error(
        `The watermark ${timestampMs} is no whole number of milliseconds within ${timeMaxMs} of 1970.`,
      );
    if (timestampMs <= this.watermarkMs) return;
    this.watermarkMs = timestampMs;
    this.idle = false;
  };

  readonly markIdle = (): void => {
    this.idle = true;
  };

  readonly markActive = (): void => {
    this.idle = false;
  };

  #copy(state: unknown): unknown {
    try {
      return copyValue(state, `What the watermark generator of "${this.#uid}" remembers`);
    } catch (thrown) {
      return failIn(this.#uid, thrown);
    }
  }
}
