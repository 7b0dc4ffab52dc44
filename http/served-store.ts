import type { SourceCompression } from "../runtime/connectors/decoder.ts";
import type { Ports } from "../runtime/ports/index.ts";

/** Answers why the stream takes no record of some of the documents, by their places. */
export type PutAgain = (
  stream: string,
  put: DocumentsToPut,
) => Promise<ReadonlyMap<number, string>>;

export interface DocumentsToPut {
  readonly documents: readonly string[];
  /** The field that is the partition key; absent where any will do. */
  readonly keyField?: string;
  /** As their source expects it. Default: "none". */
  readonly compression?: SourceCompression;
}

/** What the API is in front of. */
export interface ServedStore {
  readonly ports: Ports;
  /** Names of the jobs that there are, in order. */
  readonly jobs: () => Promise<readonly string[]>;
  /** Whether savepoints, stops and the like may be asked for. */
  readonly allowWrites: boolean;
  /** What a table of results is called in the store, by its name in the job. Default: the same. */
  readonly tableName?: (table: string) => string;
  /** Puts documents of dead letters into a stream of a job again, each as a record. Absent: nothing can be put from here. */
  readonly putAgain?: PutAgain;
  /** Between two looks at a job while somebody follows it. Default: 500 ms. */
  readonly statusEveryMs?: number;
  /** Between two looks through a table while somebody follows it. Default: 250 ms. */
  readonly rowsEveryMs?: number;
}

/** A deployed job is looked at less often: each look is paid for. */
export const deployedPace = { statusEveryMs: 2_000, rowsEveryMs: 10_000 };
