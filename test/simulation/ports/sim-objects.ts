import type { StoreObserver } from "./observer.ts";

/** Objects, whose every call happens at once. Data is shared, for nobody changes it. */
export class SimObjects {
  readonly #objects = new Map<string, Uint8Array>();
  readonly #observer: StoreObserver;

  constructor(observer: StoreObserver) {
    this.#observer = observer;
  }

  put(key: string, data: Uint8Array, ifAbsent: boolean): boolean {
    const before = this.#objects.get(key);
    if (ifAbsent && before !== undefined) return false;
    this.#observer.objectWritten(key, data, before);
    this.#objects.set(key, data);
    return true;
  }

  get(key: string): Uint8Array | undefined {
    return this.#objects.get(key);
  }

  list(prefix: string): readonly string[] {
    return [...this.#objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  delete(key: string): void {
    if (this.#objects.has(key)) this.#observer.objectDeleted(key);
    this.#objects.delete(key);
  }
}
