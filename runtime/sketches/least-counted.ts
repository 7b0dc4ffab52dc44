/** A count, and by how much it may be too high. */
export type Counted = [count: number, error: number];

interface Place {
  readonly value: unknown;
  readonly counted: Counted;
  /** As it was when the place was found: counts grow, so it can't have become less. */
  count: number;
  /** Values of one count go in the order in which they came. */
  readonly order: number;
}

/** So few are looked through: to remember their order would take more memory than it saves time. */
const lookedThroughMax = 64;

/** Of sketches that were full when a value came: a heap of what is in them. */
const heaps = new WeakMap<object, LeastCounted>();

/** The value with the least count; of several the one that came first. */
export function leastCounted<V>(sketch: ReadonlyMap<V, Counted>): V {
  if (sketch.size <= lookedThroughMax) return lookedThrough(sketch);
  let heap = heaps.get(sketch);
  if (heap === undefined) heaps.set(sketch, (heap = new LeastCounted(sketch)));
  return heap.least() as V;
}

/** A value has taken the place of the one with the least count. */
export function replacedLeast(sketch: object, value: unknown, counted: Counted): void {
  heaps.get(sketch)?.replaceLeast(value, counted);
}

/** The sketch has become another one. */
export function forgetLeast(sketch: object): void {
  heaps.delete(sketch);
}

function lookedThrough<V>(sketch: ReadonlyMap<V, Counted>): V {
  let least: [V, Counted] | undefined;
  for (const entry of sketch) if (least === undefined || entry[1][0] < least[1][0]) least = entry;
  return (least as [V, Counted])[0];
}

/** A binary heap by count and order, whose counts may be too low until they come to the top. */
class LeastCounted {
  readonly #places: Place[] = [];
  #next = 0;

  constructor(sketch: ReadonlyMap<unknown, Counted>) {
    for (const [value, counted] of sketch)
      this.#places.push({ value, counted, count: counted[0], order: this.#next++ });
    for (let at = (this.#places.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  least(): unknown {
    let top = this.#places[0] as Place;
    while (top.count !== top.counted[0]) {
      top.count = top.counted[0];
      this.#sink(0);
      top = this.#places[0] as Place;
    }
    return top.value;
  }

  replaceLeast(value: unknown, counted: Counted): void {
    this.#places[0] = { value, counted, count: counted[0], order: this.#next++ };
    this.#sink(0);
  }

  #sink(from: number): void {
    const places = this.#places;
    const place = places[from] as Place;
    let at = from;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= places.length) break;
      const right = places[child + 1];
      if (right !== undefined && isBefore(right, places[child] as Place)) child += 1;
      const below = places[child] as Place;
      if (!isBefore(below, place)) break;
      places[at] = below;
      at = child;
    }
    places[at] = place;
  }
}

function isBefore(one: Place, other: Place): boolean {
  return one.count === other.count ? one.order < other.order : one.count < other.count;
}
