import type { CoordinatorSettings } from "../../runtime/coordinator/options.ts";
import { defaultSlotSettings, type SlotSettings } from "../../runtime/job/job-runtime.ts";
import type { Limits } from "./limits.ts";
import type { WorldSettings } from "./world-settings.ts";

type Changing<T> = { -readonly [Field in keyof T]: T[Field] };

/** How fast a world goes on: as its seed decides while faults occur, and then as fast as it can. Whoever goes by it looks at it anew each time. */
export interface Pace {
  /** Records of a batch at most. */
  batchMax: number;
  /** Whether batches are smaller than that by chance. */
  isBatchCut: boolean;
  /** The longest that records wait for others before they are handed over. */
  windowMs: number;
  /** What user code takes for an element. */
  codeMs: number;
  /** What a table takes for a row, and a stream for a record. */
  writeMs: number;
  readonly slot: Changing<SlotSettings>;
  readonly coordinator: Changing<CoordinatorSettings>;
}

export function paceOf(settings: WorldSettings, limits: Limits, shardListMs: number): Pace {
  return {
    batchMax: settings.batchMax,
    isBatchCut: true,
    windowMs: settings.windowMs,
    codeMs: limits.codeMs,
    writeMs: limits.writeMs,
    slot: {
      ...defaultSlotSettings,
      ringSize: settings.ringSize,
      inlineMaxBytes: settings.inlineMaxBytes,
      fenceSkewMs: settings.fenceSkewMs,
      partDeltaBytes: 20_000,
      exchangeLagMaxMs: settings.exchangeLagMaxMs,
      backpressureWaitMaxMs: 2_000,
      selfReadMaxRecords: settings.selfReadMaxRecords,
      selfReadMaxMs: settings.selfReadMaxMs,
      stagedObjectBytes: settings.stagedObjectBytes,
      frameInlineMaxBytes: settings.frameInlineMaxBytes,
      ...limits.steps,
    },
    coordinator: {
      tickIntervalMs: settings.tickIntervalMs,
      leaseMs: 10_000,
      quietMs: 55_000,
      shardListMs,
      sourceQuietMs: 1_000,
      standbyMs: 65_000,
      standbyPollMs: 500,
      garbageEveryMs: settings.garbageEveryMs,
      garbageGraceMs: settings.garbageGraceMs,
      frameRetentionMs: Number.MAX_SAFE_INTEGER,
      sampleEveryMs: Number.POSITIVE_INFINITY,
      reportsUserMetrics: false,
      deadLetterRetentionMs: Number.POSITIVE_INFINITY,
    },
  };
}

/** Once faults have ceased. */
const calm = { batchMax: 1_000, windowMs: 300, tickIntervalMs: 700, garbageEveryMs: 15_000 };

/**
 * Faults have ceased, and slow code, small steps and small batches are among them: what is left to be done is done in as few calls as
 * it takes, since it is only done to be compared.
 */
export function hurry(pace: Pace): void {
  const { stepMaxWrites, stepMaxSent, stepMaxBytes } = defaultSlotSettings;
  const { slot, coordinator } = pace;
  pace.batchMax = calm.batchMax;
  pace.isBatchCut = false;
  pace.windowMs = Math.min(pace.windowMs, calm.windowMs);
  pace.codeMs = 0;
  pace.writeMs = 0;
  Object.assign(slot, { stepMaxWrites, stepMaxSent, stepMaxBytes });
  coordinator.tickIntervalMs = Math.max(coordinator.tickIntervalMs, calm.tickIntervalMs);
  coordinator.garbageEveryMs = Math.max(coordinator.garbageEveryMs, calm.garbageEveryMs);
}
