import { defaultSlotSettings } from "../../runtime/job/job-runtime.ts";
import type { Faults } from "./faults.ts";
import { dice, type WorldDice } from "./random.ts";

/** What a seed decides about a world besides faults. */
export interface WorldSettings {
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
  readonly stagedObjectBytes: number;
  readonly selfReadMaxMs: number;
  /** Records of a read by a slot itself. */
  readonly selfReadMaxRecords: number;
  readonly heapImages: number;
  /** What the state that an environment holds may take. */
  readonly memoryBytes: number;
}

export interface SettingsDice {
  readonly seed: number;
  readonly dice: WorldDice;
  readonly faults: Faults;
  readonly hasFiles: boolean;
}

/** `hasFiles`: what is in files is there from the beginning, and read in small bits it lasts for a while. */
export function rollSettings({ seed, dice: roll, faults, hasFiles }: SettingsDice): WorldSettings {
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
    stagedObjectBytes: dice(seed, 16).pick([300, 3_000, defaultSlotSettings.stagedObjectBytes]),
    selfReadMaxMs: dice(seed, 7).pick([200, 2_000, 20_000]),
    selfReadMaxRecords: hasFiles ? dice(seed, 14).pick([10, 20, 50]) : 50,
    heapImages: dice(seed, 9).chance(0.15) ? dice(seed, 10).between(1, 3) : 1_000,
    memoryBytes: faults.occurs("little-memory")
      ? dice(seed, 11).pick([500, 1_500, 5_000])
      : Number.POSITIVE_INFINITY,
  };
}
