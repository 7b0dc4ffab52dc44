/** Reads shards as Kinesis has them: ordered records behind opaque positions, shards with parents and hash ranges. */
export interface StreamReader {
  /**
   * All shards, closed ones included as long as their records are retained, in ascending order of id. The list may be seconds
   * old: it does not show what was resharded since.
   */
  listShards(stream: string): Promise<readonly Shard[]>;

  read(request: ReadRequest): Promise<ReadResult>;
}

export interface ReadRequest {
  readonly stream: string;
  readonly shardId: string;
  readonly from: StreamPosition;
  /** At most this many records (1 to 10,000). */
  readonly maxRecords: number;
}

export type StreamPosition =
  | { readonly kind: "earliest" }
  /** The first record that arrived at or after this time. */
  | { readonly kind: "time"; readonly timeMs: number }
  | { readonly kind: "at"; readonly sequence: string }
  | { readonly kind: "after"; readonly sequence: string };

export interface ReadResult {
  /** In the order of the shard. May be empty many times in a row although more is to come: `atTip` and `ended` tell. */
  readonly records: readonly StreamRecord[];
  /** Nothing is behind these records at the moment. */
  readonly atTip: boolean;
  /** The shard is closed and nothing is behind these records, now or ever. */
  readonly ended: boolean;
  /** Of a shard that has ended, the shards that follow it; absent where the service does not say. */
  readonly children?: readonly string[];
  /** Where to go on; equal to the request's position where nothing was read. */
  readonly next: StreamPosition;
}

export interface StreamRecord {
  /** Decimal digits; compared as numbers (by length, then by text). */
  readonly sequence: string;
  readonly partitionKey: string;
  readonly data: Uint8Array;
  readonly arrivalMs: number;
}

export interface Shard {
  readonly shardId: string;
  /** First position of its range in the 128-bit hash space: 32 lower-case hex digits. */
  readonly firstHash: string;
  /** Last position of its range, inclusive: 32 lower-case hex digits. */
  readonly lastHash: string;
  /** Ids of the shards it was split or merged from, in no order; those that are no longer listed included. */
  readonly parents: readonly string[];
  /** No record can be put into it any more. */
  readonly closed: boolean;
}

/** Puts records as `PutRecords` does: some may fail, and no order is promised within a call. */
export interface StreamWriter {
  /**
   * At most 500 records, each at most 1 MiB with its partition key. The answers stand in the order of the entries.
   * @throws a retryable StoreError if nothing was written, or it is not known.
   */
  put(stream: string, entries: readonly PutEntry[]): Promise<readonly PutResult[]>;
}

export interface PutEntry {
  /** 1 to 256 characters. */
  readonly partitionKey: string;
  /** Position that decides the shard, instead of md5(partitionKey): 32 lower-case hex digits. */
  readonly explicitHash?: string;
  readonly data: Uint8Array;
}

export type PutResult =
  | { readonly put: true; readonly shardId: string; readonly sequence: string }
  | { readonly put: false; readonly reason: "throttled" | "failed" };
