import type { ObjectStore } from "../ports/object-store.ts";

/** Blobs in this process's memory, kept for its life. */
export function memoryObjectStore(): ObjectStore {
  const objects = new Map<string, Uint8Array>();
  return {
    async put(key, data, { ifAbsent = false } = {}) {
      if (ifAbsent && objects.has(key)) return false;
      objects.set(key, data.slice());
      return true;
    },

    async get(key, range) {
      const { from, maxBytes } = range ?? { from: 0, maxBytes: Infinity };
      return objects.get(key)?.slice(from, from + maxBytes);
    },

    async *list(prefix) {
      yield* [...objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    },

    async delete(keys) {
      for (const key of keys) objects.delete(key);
    },
  };
}
