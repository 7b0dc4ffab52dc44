import { jobError } from "../errors/millrace-error.ts";
import type { AggregateFunction } from "../graph/functions.ts";
import type { KeyValue } from "../graph/key-value.ts";
import { keyBytes } from "../serde/key-bytes.ts";
import { murmur3 } from "../serde/murmur3.ts";

export interface UniqueCountOptions<T> {
  /** What is counted once, whatever how often it comes: what a keyBy may take. */
  readonly of: (value: T) => KeyValue;
  /**
   * 2^precision registers of a byte, once there are more than 256 values: 4 to 16. Their standard error is 1.04 / √(2^precision): 1.6 % for 12, 0.8 % for
   * 14. Up to 256 values are counted exactly. Default: 12, at most 4 KB of state.
   */
  readonly precision?: number;
}

/**
 * The hashes of the values, in order, while these are few; then the registers of a HyperLogLog. Which of the two it is, and all of it, depends on the values alone
 * and not on their order.
 */
export interface UniqueSketch {
  few?: number[];
  registers?: Uint8Array;
}

const fewMax = 256;
/** Of a hash: a number that is exact. */
const hashBits = 53;
const lowBits = hashBits - 32;
/** Any other than that of the first hash. */
const secondSeed = 0x9747b28c;

/**
 * An aggregate that counts different values, in bounded state: HyperLogLog over a hash of 53 bits, with Ertl's estimator ("New cardinality estimation algorithms for
 * HyperLogLog sketches", 2017). Has a `merge`: for session windows too.
 * @throws MillraceError `sketch-invalid`
 */
export function uniqueCount<T>(options: UniqueCountOptions<T>): AggregateFunction<
  T,
  UniqueSketch,
  number
> & {
  merge: (a: UniqueSketch, b: UniqueSketch) => UniqueSketch;
} {
  const { of, precision = 12 } = options;
  if (!Number.isInteger(precision) || precision < 4 || precision > 16)
    throw precisionInvalid(precision);

  function take(sketch: UniqueSketch, hash: number): void {
    const { few, registers } = sketch;
    if (registers !== undefined) return note(registers, hash);
    const hashes = few as number[];
    const at = placeOf(hashes, hash);
    if (hashes[at] === hash) return;
    hashes.splice(at, 0, hash);
    if (hashes.length > fewMax) spread(sketch);
  }

  function spread(sketch: UniqueSketch): Uint8Array {
    if (sketch.registers !== undefined) return sketch.registers;
    const registers = (sketch.registers = new Uint8Array(2 ** precision));
    for (const hash of sketch.few ?? []) note(registers, hash);
    delete sketch.few;
    return registers;
  }

  return {
    create: () => ({ few: [] }),
    add(sketch, value) {
      const bytes = keyBytes(of(value));
      take(sketch, murmur3(bytes) * 2 ** lowBits + (murmur3(bytes, secondSeed) >>> (32 - lowBits)));
      return sketch;
    },
    merge(left, right) {
      for (const hash of right.few ?? []) take(left, hash);
      if (right.registers === undefined) return left;
      const [own, other] = alike(spread(left), right.registers);
      for (const [register, rank] of other.entries()) raise(own, register, rank);
      left.registers = own;
      return left;
    },
    result: ({ few, registers = new Uint8Array(2 ** precision) }) =>
      few?.length ??
      Math.round(estimate(histogram(registers, precisionOf(registers)), registers.length)),
  };
}

/** A sketch has the precision with which its registers began, also where the job asks for another one by now. */
const precisionOf = ({ length }: Uint8Array): number => 31 - Math.clz32(length);

function raise(registers: Uint8Array, register: number, rank: number): void {
  if (rank > (registers[register] as number)) registers[register] = rank;
}

/** The register is said by the first bits of a hash, the rank by the zeros behind them. */
function note(registers: Uint8Array, hash: number): void {
  const precision = precisionOf(registers);
  const high = Math.floor(hash / 2 ** lowBits);
  const rest = high << precision;
  const zeros =
    rest === 0
      ? 32 - precision + Math.clz32(hash % 2 ** lowBits) - (32 - lowBits)
      : Math.clz32(rest);
  raise(registers, high >>> (32 - precision), zeros + 1);
}

/** Both with the lower precision of the two. */
function alike(one: Uint8Array, other: Uint8Array): readonly [Uint8Array, Uint8Array] {
  const precision = Math.min(precisionOf(one), precisionOf(other));
  return [lowered(one, precision), lowered(other, precision)];
}

/** The registers that the same hashes have with a lower precision: its last bits become the first ones of what zeros are counted of. */
function lowered(registers: Uint8Array, precision: number): Uint8Array {
  const bits = precisionOf(registers) - precision;
  if (bits === 0) return registers;
  const fewer = new Uint8Array(2 ** precision);
  for (const [register, rank] of registers.entries()) {
    if (rank === 0) continue;
    const rest = register & (2 ** bits - 1);
    raise(fewer, register >>> bits, rest === 0 ? bits + rank : Math.clz32(rest) - (32 - bits) + 1);
  }
  return fewer;
}

/** Where a hash is, or belongs. */
function placeOf(hashes: readonly number[], hash: number): number {
  let [low, high] = [0, hashes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((hashes[middle] as number) < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many registers have each rank, from 0 to that of a hash of zeros alone. */
function histogram(registers: Iterable<number>, precision: number): readonly number[] {
  const byRank = Array.from({ length: hashBits - precision + 2 }, () => 0);
  for (const rank of registers) byRank[rank] = (byRank[rank] ?? 0) + 1;
  return byRank;
}

/** Ertl's improved estimator: σ corrects for registers that are empty, τ for those that are full. */
function estimate(byRank: readonly number[], count: number): number {
  const last = byRank.length - 1;
  let sum = count * tau(1 - (byRank[last] ?? 0) / count);
  for (let rank = last - 1; rank >= 1; rank--) sum = 0.5 * (sum + (byRank[rank] ?? 0));
  sum += count * sigma((byRank[0] ?? 0) / count);
  return count ** 2 / (2 * Math.LN2 * sum);
}

function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let [power, factor, sum] = [share, 1, share];
  for (let before = Number.NaN; sum !== before;) {
    power *= power;
    before = sum;
    sum += power * factor;
    factor *= 2;
  }
  return sum;
}

function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [root, factor, sum] = [share, 1, 1 - share];
  for (let before = Number.NaN; sum !== before;) {
    root = Math.sqrt(root);
    before = sum;
    factor /= 2;
    sum -= (1 - root) ** 2 * factor;
  }
  return sum / 3;
}

function precisionInvalid(precision: number): Error {
  return jobError("sketch-invalid", {
    message: `The precision of a unique count is ${precision}.`,
    next: "Give an integer from 4 to 16: 12 has a standard error of 1.6 % and takes at most 4 KB.",
  });
}
