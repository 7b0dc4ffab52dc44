/** Immutable blobs by key (`a/b/c`). Reads see every finished write. */
export interface ObjectStore {
  /** Writes a blob. With `ifAbsent`, answers false and changes nothing where the key exists already; else true. */
  put(key: string, data: Uint8Array, options?: { readonly ifAbsent?: boolean }): Promise<boolean>;

  /** Undefined where there is no such key. With a range, only these bytes: fewer where the blob ends, none behind its end. */
  get(key: string, range?: ByteRange): Promise<Uint8Array | undefined>;

  /** Keys that begin with `prefix`, in ascending order. */
  list(prefix: string): AsyncIterable<string>;

  /**
   * Succeeds as well where there is no such key.
   * @throws a StoreError where one of them could not be deleted; others may be gone.
   */
  delete(keys: readonly string[]): Promise<void>;
}

export interface ByteRange {
  readonly from: number;
  /** At least 1. */
  readonly maxBytes: number;
}
