/** The values in another order: the same one at each call. */
export function shuffled<T>(values: readonly T[]): readonly T[] {
  return values
    .map((value, at) => ({ value, place: Math.imul(at + 1, 0x9e3779b1) >>> 0 }))
    .sort((one, other) => one.place - other.place)
    .map(({ value }) => value);
}
