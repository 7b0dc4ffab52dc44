/** Random numbers that depend on nothing but the path that they were made for. */
export interface Draws {
  /** From 0 to below 1. */
  fraction(): number;
  /** A whole number from 0 to below `bound`. */
  below(bound: number): number;
}

/**
 * The splitmix32 generator, begun at a path of whole numbers such as a seed, a purpose and a position. What a position draws is known
 * without drawing for those before it. For data that only has to look uneven: nothing secret may depend on it.
 */
export function splitmix32(...path: readonly number[]): Draws {
  let state = path.reduce((mixed, step) => mix((mixed ^ mix(step + golden)) + golden), 0);
  const fraction = (): number => {
    state = (state + golden) | 0;
    return (mix(state) >>> 0) / 2 ** 32;
  };
  return { fraction, below: (bound) => Math.floor(fraction() * bound) };
}

const golden = 0x9e3779b9;

function mix(value: number): number {
  let mixed = value | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return mixed ^ (mixed >>> 15);
}
