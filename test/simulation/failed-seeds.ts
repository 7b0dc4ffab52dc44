import type { FaultName } from "./faults.ts";
import type { Mission } from "./operator.ts";

/** A seed that failed once: it runs with the tests for ever, although a change of the engine or of the simulator changes what it means. */
export interface FailedSeed {
  readonly shape: string;
  readonly seed: number;
  /** Faults that occur whatever the seed says. */
  readonly forced?: readonly FaultName[];
  readonly mission?: Mission;
  /** What was wrong. */
  readonly was: string;
}

export const failedSeeds: readonly FailedSeed[] = [
  {
    shape: "aligned",
    seed: 262,
    forced: ["source-merge"],
    was: "a window that the slot of a merged shard has fired and cleared began again",
  },
  {
    shape: "two-key-bys",
    seed: 200_124,
    was: "a check knew nothing of what a sleeper appends whose body was collected",
  },
  {
    shape: "aligned",
    seed: 1_795_917_116,
    was: "the progress row of a restore that was given up came late, and was never collected",
  },
  {
    shape: "keyed-count",
    seed: 935_461_770,
    was: "the progress row of a restore that was given up came late, and was never collected",
  },
  {
    shape: "aligned",
    seed: 935_461_116,
    was: "a coordinator that had slept called what was collected damage",
  },
  {
    shape: "aligned",
    seed: 7_007,
    was: "a check forbade that a window whose result fails fails again with a late item",
  },
  {
    shape: "aligned",
    seed: 13,
    was: "a leader's manifest came late, when it had been collected, and the check took it for a second one",
  },
  {
    shape: "idle-union",
    seed: 80_008,
    was: "a check forbade that a row stays which was written before the job was taken back",
  },
  {
    shape: "join",
    seed: 103,
    was: "a sleeper of a replaced generation looked for ever for the part of a row that another sleeper had written anew",
  },
  {
    shape: "sliding",
    seed: 990_018,
    was: "a window that lives on gave the dead letter of its timer once more after a lost race",
  },
  {
    shape: "sliding",
    seed: 14_564,
    was: "the same where another writer had written the timer off",
  },
  {
    shape: "aligned",
    seed: 9_813,
    was: "a drained source whose step had left timers never fired them, so that its drain came to no end",
  },
  {
    shape: "aligned",
    seed: 300_027,
    was: "a window's timer was written off a second time by somebody who had lost a race to its first dead letter",
  },
  {
    shape: "idle-union",
    seed: 5_000_022,
    was: "a leader of a replaced generation completed its open epoch, whose parts were collected",
  },
  {
    shape: "drop-duplicates",
    seed: 5_000_022,
    was: "a check forbade that a row stays which a generation has written that was given up for a newer epoch",
  },
  {
    shape: "timers",
    seed: 6_000_354,
    was: "simulated user code took longer for one timer than an invocation lasts",
  },
  {
    shape: "stateless",
    seed: 9_300_011,
    was: "letters of refused rows were lost where somebody delivered again in larger calls",
  },
  {
    shape: "aligned",
    seed: 9_500_186,
    was: "a damaged object of letters stopped the slot that looked what it holds",
  },
  {
    shape: "broadcast",
    seed: 8_810_056,
    was: "a part that was due amid a step held what the step had not committed yet",
  },
  {
    shape: "read-files",
    seed: 88_748_846,
    was: "a leader of a replaced generation took splits whose rows were being collected for a folder without files",
  },
  {
    shape: "timers",
    seed: 20_000_030,
    was: "each epoch of a stop had the same time, and expired: a job that needed longer never stopped",
  },
  {
    shape: "read-files",
    seed: 262_025_688,
    was: "a takeover of which a job that ended needed nothing more counted as undelivered",
  },
  {
    shape: "two-key-bys",
    seed: 262_025_681,
    was: "a sleeper of a replaced generation that took over from a collected parent counted as one that forks",
  },
];
