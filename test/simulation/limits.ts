import { defaultSlotSettings, type SlotSettings } from "../../runtime/job/job-runtime.ts";
import type { Faults } from "./faults.ts";
import type { WorldDice } from "./random.ts";

/** How much time and room there is in a world, and how fast that goes. */
export interface Limits {
  /** When an invocation is killed, where that is soon. */
  readonly invocationMs: number | undefined;
  /** What user code takes for an element. */
  readonly codeMs: number;
  /** What a table takes for a row, and a stream for a record. */
  readonly writeMs: number;
  readonly steps: Pick<SlotSettings, "stepMaxWrites" | "stepMaxSent" | "stepMaxBytes">;
}

export function rollLimits(dice: WorldDice, faults: Faults): Limits {
  const occurs = (name: Parameters<Faults["occurs"]>[0]): boolean => {
    const found = faults.occurs(name);
    if (found) faults.note(name);
    return found;
  };
  const { stepMaxWrites, stepMaxSent, stepMaxBytes } = defaultSlotSettings;
  return {
    invocationMs: occurs("short-invocations") ? dice.pick([2_000, 4_000, 8_000]) : undefined,
    codeMs: occurs("slow-code") ? dice.pick([5, 20, 60]) : 0,
    writeMs: occurs("slow-writes") ? dice.pick([2, 5, 15]) : 0,
    steps: occurs("small-steps")
      ? {
          stepMaxWrites: dice.pick([1, 3, 10]),
          stepMaxSent: dice.pick([1, 5, 30]),
          stepMaxBytes: dice.pick([500, 5_000, stepMaxBytes]),
        }
      : { stepMaxWrites, stepMaxSent, stepMaxBytes },
  };
}

/** The keys that tables refuse in a world: some, always the same, whatever is written to them. */
export function refusedKeys(seed: number): (key: string) => boolean {
  return (key) => {
    let sum = seed;
    for (let at = 0; at < key.length; at++) sum = Math.imul(sum ^ key.charCodeAt(at), 0x01000193);
    return (sum >>> 8) % 6 === 0;
  };
}
