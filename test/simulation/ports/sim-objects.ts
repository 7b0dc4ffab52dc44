import type { StoreObserver } from "./observer.ts";

type ObjectObserver = Pick<StoreObserver, "objectWritten" | "objectDeleted">;

/** Objects, whose every call happens at once. Data is shared, for nobody changes it. */
export class SimObjects {
  readonly #objects = new Map<string, Uint8Array>();
  /** In their order. */
  readonly #keys: string[] = [];
  readonly #observer: ObjectObserver;

  constructor(observer: ObjectObserver) {
    this.#observer = observer;
  }

  put(key: string, data: Uint8Array, ifAbsent: boolean): boolean {
    const before = this.#objects.get(key);
    if (ifAbsent && before !== undefined) return false;
    this.#observer.objectWritten(key, data, before);
    if (before === undefined) this.#keys.splice(this.#countBelow(key), 0, key);
    this.#objects.set(key, data);
    return true;
  }

  get(key: string): Uint8Array | undefined {
    return this.#objects.get(key);
  }

  list(prefix: string): readonly string[] {
    const first = this.#countBelow(prefix);
    let end = first;
    while (this.#keys[end]?.startsWith(prefix) === true) end += 1;
    return this.#keys.slice(first, end);
  }

  delete(key: string): void {
    if (!this.#objects.has(key)) return;
    this.#observer.objectDeleted(key);
    this.#objects.delete(key);
    this.#keys.splice(this.#countBelow(key), 1);
  }

  #countBelow(bound: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#keys[middle]! < bound) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
