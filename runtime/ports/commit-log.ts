/**
 * The log of one slot: a ring of `ringSize` places in which version `v` lives at place `v mod ringSize`
 * (docs/protocol.md, section 3). Every answer is strongly consistent.
 */
export interface CommitLog {
  /**
   * Writes `row` at place `row.version mod ringSize` if that place is empty or holds exactly version
   * `row.version - ringSize`; otherwise writes nothing and answers with the row that is there.
   */
  append(slot: LogName, row: LogRow): Promise<AppendOutcome>;

  /** Reads the rows of versions `first` to `last` (both inclusive) that the ring still holds, in ascending order of version. */
  read(slot: LogName, range: VersionRange): Promise<readonly LogRow[]>;

  /** Reads every row that the ring holds now, in ascending order of version. */
  readAll(slot: LogName): Promise<readonly LogRow[]>;
}

/** Names a log: no two of job, generation and slot are ever reused for another ring size. */
export interface LogName {
  readonly job: string;
  readonly generation: number;
  readonly slot: string;
  /** Number of places of the ring (512 by default), fixed for the generation. */
  readonly ringSize: number;
}

export interface VersionRange {
  readonly first: number;
  readonly last: number;
}

/** One commit, takeover or seal. The header is readable without decoding the body. */
export interface LogRow {
  /** 1 for the first commit of a slot. */
  readonly version: number;
  /** Made anew for every attempt, so that a writer whose answer was lost recognises its own row. */
  readonly nonce: string;
  readonly kind: "commit" | "takeover" | "seal";
  readonly epoch: number;
  /** Fingerprint of the plan that wrote the row. */
  readonly plan: string;
  /** Version of the body's format. */
  readonly format: number;
  /** The encoded body, at most 390,000 bytes; absent where `bodyKey` names an object instead. */
  readonly body?: Uint8Array;
  /** Key of the object that holds the body. */
  readonly bodyKey?: string;
}

export type AppendOutcome =
  | { readonly appended: true }
  /** `found` is the row that holds the place, or absent if the store could not say. */
  | { readonly appended: false; readonly found?: LogRow };
