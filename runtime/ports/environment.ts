import type { JsonValue } from "./control-table.ts";

/** Time, injected. Nothing in the core reads a clock of its own. */
export interface Clock {
  nowMs(): number;
  sleep(durationMs: number): Promise<void>;
}

/** How long an invocation may still go on: on AWS, until Lambda stops it. */
export interface Deadline {
  remainingMs(): number;
}

/** Randomness, injected. */
export interface Random {
  /** A fresh identifier: 20 characters or fewer of [0-9a-z]. */
  id(): string;
  /** A number in [0, 1). */
  fraction(): number;
}

/**
 * Compresses what is persisted. `id` is written with the data; a reader refuses an id that it does not know. `decompress` throws
 * for bytes that `compress` did not give, damaged ones included.
 */
export interface Compression {
  readonly id: number;
  compress(data: Uint8Array): Uint8Array;
  decompress(data: Uint8Array): Uint8Array;
}

/** The memory that the slots of a process are held in, as measured. */
export interface Heap {
  /** What is held now, garbage included that has not been collected. Cheap: it is asked at each step. */
  measure(): HeapUse;
  /** Collects garbage, so that what is measured next is alive. Takes about a millisecond for each megabyte. */
  collect(): void;
}

export interface HeapUse {
  readonly usedBytes: number;
  /** The process dies above it. */
  readonly limitBytes: number;
}

/** Metrics, alarms and structured logs. Never throws. */
export interface Telemetry {
  count(metric: string, value: number, dimensions?: Readonly<Record<string, string>>): void;
  /** Something that a person should look at: `code` is stable and listed in docs/. */
  alarm(code: string, detail: Readonly<Record<string, JsonValue>>): void;
  log(
    level: "debug" | "info" | "warn" | "error",
    message: string,
    detail?: Readonly<Record<string, JsonValue>>,
  ): void;
}

/** Calls the process function for a slot that has no records waiting (idle sources, due timers, takeovers). */
export interface SlotInvoker {
  /** Comes back when the slot has been served, or, where nobody can wait for that, when the wish has been taken down. */
  invoke(request: SlotInvocation): Promise<void>;
}

export interface SlotInvocation {
  /** The stream and shard whose slot is meant. */
  readonly stream: string;
  readonly shardId: string;
  /** What the watermark of a stage behind the source would be: keyed stages in a source's own slots follow it where their shard is idle. */
  readonly watermarkMs?: number;
}

/** What feeds a slot: on AWS the event source mapping. */
export interface SourceControl {
  /** Answers, for every stream of the job, what is wrong with its mapping; empty where all is well. */
  check(streams: readonly string[]): Promise<readonly MappingFault[]>;
}

export interface MappingFault {
  readonly stream: string;
  /** For example "disabled", "missing", "parallelization factor is 2; it must be 1". */
  readonly fault: string;
}
