import type { WorldDice } from "./random.ts";

/**
 * Everything that may go wrong, and how often: the probability at each opportunity, in a world in which the fault occurs at
 * all. `at` says what an opportunity is: a call of a port (`<kind of process>/<port>.<method>`, with `*` for any), or another
 * moment of the world. `worlds` is the share of seeds in which it occurs.
 */
interface FaultDefinition {
  readonly at: readonly string[];
  readonly frequency: number;
  readonly worlds: number;
  /** Which dice of its own decide whether it occurs: what came later takes none of the others, so that seeds keep what they mean. */
  readonly ownDice?: number;
}

const definitions = {
  /** An environment dies: before the call reaches the store, or after. */
  "environment-crash": { at: ["environment/*"], frequency: 0.002, worlds: 0.6 },
  /** An environment falls asleep for a second up to some hours; its request may leave before or after. */
  "environment-zombie": { at: ["environment/*"], frequency: 0.003, worlds: 0.6 },
  "coordinator-crash": { at: ["coordinator/*"], frequency: 0.003, worlds: 0.5 },
  /** A leader sleeps, is deposed meanwhile, and goes on where it was: with a late tick, for example. */
  "coordinator-zombie": { at: ["coordinator/*"], frequency: 0.002, worlds: 0.5 },
  /** Whoever gives a command dies in the middle of it, and gives it again. */
  "operator-crash": { at: ["operator/*"], frequency: 0.02, worlds: 0.5 },
  /** Somebody else restores the job at the same time. */
  "command-doubled": { at: ["command"], frequency: 0.5, worlds: 0.4 },
  /** A coordinator is started although another leads. */
  "coordinator-twice": { at: ["minute"], frequency: 0.5, worlds: 0.4 },

  "throttled-log": { at: ["*/log.*"], frequency: 0.01, worlds: 0.4 },
  "throttled-control": { at: ["*/control.*"], frequency: 0.006, worlds: 0.4 },
  "throttled-tables": { at: ["*/tables.*"], frequency: 0.02, worlds: 0.4 },
  "throttled-objects": { at: ["*/objects.*"], frequency: 0.01, worlds: 0.4 },
  "throttled-reader": { at: ["*/reader.*"], frequency: 0.02, worlds: 0.4 },
  "throttled-writer": { at: ["*/writer.*"], frequency: 0.02, worlds: 0.4 },

  /** A write succeeds and its answer is lost: the caller sees an error. */
  "log-answer-lost": { at: ["*/log.append"], frequency: 0.02, worlds: 0.4 },
  "control-answer-lost": { at: ["*/control.put"], frequency: 0.01, worlds: 0.4 },
  "object-answer-lost": { at: ["*/objects.put"], frequency: 0.02, worlds: 0.4 },
  "writer-answer-lost": { at: ["*/writer.put"], frequency: 0.02, worlds: 0.4 },
  "tables-answer-lost": { at: ["*/tables.write"], frequency: 0.02, worlds: 0.4 },
  /** The client lost the answer and asked again by itself: its own write is what it finds. */
  "log-asked-twice": { at: ["*/log.append"], frequency: 0.02, worlds: 0.4 },
  "control-asked-twice": { at: ["*/control.put"], frequency: 0.01, worlds: 0.4 },
  /** The caller is told that it failed, and the write arrives afterwards. */
  "log-arrives-late": { at: ["*/log.append"], frequency: 0.01, worlds: 0.4 },
  "control-arrives-late": { at: ["*/control.put"], frequency: 0.005, worlds: 0.4 },
  "object-arrives-late": { at: ["*/objects.put"], frequency: 0.01, worlds: 0.4 },
  "writer-arrives-late": { at: ["*/writer.put"], frequency: 0.01, worlds: 0.4 },
  "tables-arrive-late": { at: ["*/tables.write"], frequency: 0.01, worlds: 0.4 },
  /** The connection breaks before anything is written. */
  "log-unwritten": { at: ["*/log.append"], frequency: 0.01, worlds: 0.4 },
  "control-unwritten": { at: ["*/control.put"], frequency: 0.005, worlds: 0.4 },
  "object-unwritten": { at: ["*/objects.put"], frequency: 0.01, worlds: 0.4 },
  /** Some rows of a call are written, then it fails. */
  "tables-in-part": { at: ["*/tables.write"], frequency: 0.02, worlds: 0.4 },

  /** Some records of a put are refused. */
  "put-in-part": { at: ["*/writer.put"], frequency: 0.06, worlds: 0.5 },
  "put-reordered": { at: ["*/writer.put"], frequency: 0.1, worlds: 0.5 },
  /** The shard that a record is for is split while the put is under way. */
  "put-into-split": { at: ["*/writer.put"], frequency: 0.004, worlds: 0.4 },
  /** A read gives less than there is, or nothing. */
  "read-short": { at: ["*/reader.read"], frequency: 0.15, worlds: 0.4 },
  /** No object can be put for some seconds: parts can't be written, and a short ring fills up. */
  "objects-down": { at: ["*/objects.put"], frequency: 0.02, worlds: 0.25 },
  "slow-objects": { at: ["*/objects.*"], frequency: 0.02, worlds: 0.4 },
  "slow-log": { at: ["*/log.*"], frequency: 0.01, worlds: 0.4 },

  /** The same records are handed to two environments at once. */
  overlap: { at: ["batch"], frequency: 0.06, worlds: 0.5 },
  /** What succeeded is handed over again, cut elsewhere. */
  redelivery: { at: ["batch-done"], frequency: 0.06, worlds: 0.5 },
  /** A child shard is handed over before its parents are drained. */
  "child-before-parent": { at: ["child"], frequency: 0.6, worlds: 0.6 },
  /** A mapping begins behind records that belong to the job. */
  "mapping-late": { at: ["mapping"], frequency: 0.6, worlds: 0.4 },
  /** An invocation of the coordinator's never gets there. */
  "invocation-lost": { at: ["invocation"], frequency: 0.1, worlds: 0.4 },

  "source-split": { at: ["source-reshard"], frequency: 0.6, worlds: 0.5 },
  "source-merge": { at: ["source-reshard"], frequency: 0.4, worlds: 0.5 },
  "exchange-split": { at: ["exchange-reshard"], frequency: 0.6, worlds: 0.5 },
  "exchange-merge": { at: ["exchange-reshard"], frequency: 0.4, worlds: 0.5 },
  /** Clocks of environments and coordinators differ. */
  "clock-skew": { at: ["process"], frequency: 0.7, worlds: 0.5 },
  "short-ring": { at: ["world"], frequency: 1, worlds: 0.6 },
  /** What is garbage goes at the first opportunity. */
  "quick-garbage": { at: ["world"], frequency: 1, worlds: 0.3 },
  /** Environments that start from now on run the job's next version; the others go on for a while. */
  deployment: { at: ["world"], frequency: 1, worlds: 0.3 },

  /** A list of shards is the one of some moment ago. */
  "list-old": { at: ["*/reader.listShards"], frequency: 0.4, worlds: 0.5 },
  /** A read, and those that go on from it in the same process, give nothing for a while although records follow. */
  "empty-pages": { at: ["*/reader.read"], frequency: 0.05, worlds: 0.4 },
  /** Whoever reads through such pages has to begin with them anew: his iterator has expired. */
  "iterator-expired": { at: ["page"], frequency: 0.01, worlds: 0.5 },
  /** A merged shard names its parents in the other order. */
  "merge-swapped": { at: ["merge"], frequency: 0.5, worlds: 0.7 },
  /** Frames are too large for records and stand in objects. */
  "frames-in-objects": { at: ["world"], frequency: 1, worlds: 0.3 },

  /** An invocation is killed after a few seconds. */
  "short-invocations": { at: ["world"], frequency: 1, worlds: 0.4 },
  /** User code takes so long that a batch may not fit in an invocation. */
  "slow-code": { at: ["world"], frequency: 1, worlds: 0.3 },
  /** Tables and streams take their time for each row and record: an invocation manages only so many. */
  "slow-writes": { at: ["world"], frequency: 1, worlds: 0.3 },
  /** A step ends after a few outputs or bytes. */
  "small-steps": { at: ["world"], frequency: 1, worlds: 0.4 },
  /** Tables refuse rows of some keys, whatever is tried. */
  "rows-refused": { at: ["world"], frequency: 1, worlds: 0.25 },
  /** Environments may hold little state: they refuse to go on until whoever runs the job has given them more. */
  "little-memory": { at: ["memory"], frequency: 1, worlds: 0.15, ownDice: 13 },
  /** One bit of an object is read wrongly, once: whoever reads it stops, and the next one finds it as it is. */
  "object-damaged": { at: ["*/objects.get"], frequency: 0.03, worlds: 0.1, ownDice: 14 },
  /** One bit of a record of the exchange, a frame or a tick, is handed over wrongly, once. */
  "record-damaged": { at: ["exchange-batch"], frequency: 0.03, worlds: 0.1, ownDice: 15 },
  /** Whoever makes an epoch visible dies in the middle of it. */
  "committer-crash": {
    at: ["coordinator/files.put", "operator/files.put"],
    frequency: 0.25,
    worlds: 0.5,
    ownDice: 17,
  },
  "files-answer-lost": { at: ["*/files.put"], frequency: 0.15, worlds: 0.5, ownDice: 18 },
  "files-arrive-late": { at: ["*/files.put"], frequency: 0.15, worlds: 0.5, ownDice: 19 },
} as const satisfies Readonly<Record<string, FaultDefinition>>;

/** What is seldom met in one world by chance: in rough ones all of these occur. */
export const roughFaults = [
  "environment-crash",
  "environment-zombie",
  "coordinator-zombie",
  "source-split",
  "source-merge",
  "exchange-split",
  "exchange-merge",
] as const satisfies readonly FaultName[];

/** The lowest intensity of faults in rough worlds. */
const roughIntensityMin = 1;

export type FaultName = keyof typeof definitions;

export const faults: Readonly<Record<FaultName, FaultDefinition>> = definitions;
export const faultNames = Object.keys(definitions) as readonly FaultName[];

/** What of a world's faults is left out: how a failure is shrunk. */
export interface Suppression {
  readonly kinds: ReadonlySet<FaultName>;
  /** Firings by their number. */
  readonly firings: ReadonlySet<number>;
}

export const nothingSuppressed: Suppression = { kinds: new Set(), firings: new Set() };

interface Chance {
  readonly name: FaultName;
  /** Rolls below it, and not below the chance before it, fire the fault. */
  readonly below: number;
}

export interface FaultOptions {
  /** Faults that occur whatever the dice say. */
  readonly forced: ReadonlySet<FaultName>;
  readonly isRough: boolean;
  /** The world's dice for a purpose. */
  readonly ownDice: (purpose: number) => WorldDice;
}

/** Rolls a world's faults. */
export class Faults {
  /** How often each has really happened. */
  readonly fired = new Map<FaultName, number>();
  /** Firings so far: each has a number. */
  rolled = 0;
  /** None fires any more. */
  hasCeased = false;
  /** The numbers of those that fired, with their names. */
  readonly firings: (readonly [number: number, name: FaultName])[] = [];
  readonly #dice: WorldDice;
  readonly #suppressed: Suppression;
  readonly #rates = new Map<FaultName, number>();
  readonly #chances = new Map<string, readonly Chance[]>();

  constructor(
    dice: WorldDice,
    suppressed: Suppression,
    { forced, isRough, ownDice }: FaultOptions,
  ) {
    this.#dice = dice;
    this.#suppressed = suppressed;
    const rolled = dice.pick([0.3, 0.7, 1, 1.5]);
    const intensity = isRough ? Math.max(roughIntensityMin, rolled) : rolled;
    for (const name of faultNames) {
      const { frequency, worlds, ownDice: own } = faults[name];
      const occurs = (own === undefined ? dice : ownDice(own)).chance(worlds);
      if (occurs || forced.has(name))
        this.#rates.set(name, frequency * (frequency < 0.3 ? intensity : 1));
    }
  }

  /** Whether a fault occurs in this world. */
  occurs(name: FaultName): boolean {
    return this.#rates.has(name) && !this.#suppressed.kinds.has(name);
  }

  /** The fault that fires at an opportunity, if any; it counts once it is {@link note}d. */
  at(place: string): FaultName | undefined {
    if (this.hasCeased) return undefined;
    let chances = this.#chances.get(place);
    if (chances === undefined) this.#chances.set(place, (chances = this.#chancesAt(place)));
    if (chances.length === 0) return undefined;
    const roll = this.#dice.fraction();
    for (const { name, below } of chances) {
      if (roll >= below) continue;
      const number = this.rolled++;
      if (this.#suppressed.kinds.has(name) || this.#suppressed.firings.has(number))
        return undefined;
      this.firings.push([number, name]);
      return name;
    }
    return undefined;
  }

  note(name: FaultName): void {
    this.fired.set(name, (this.fired.get(name) ?? 0) + 1);
  }

  #chancesAt(place: string): readonly Chance[] {
    const chances: Chance[] = [];
    let below = 0;
    for (const [name, rate] of this.#rates) {
      if (!faults[name].at.some((pattern) => matches(pattern, place))) continue;
      below += rate;
      chances.push({ name, below });
    }
    return chances;
  }
}

function matches(pattern: string, place: string): boolean {
  const [kind, call] = pattern.split("/");
  if (call === undefined) return pattern === place;
  const [placeKind, placeCall = ""] = place.split("/");
  if (kind !== "*" && kind !== placeKind) return false;
  return call.endsWith("*") ? placeCall.startsWith(call.slice(0, -1)) : call === placeCall;
}
