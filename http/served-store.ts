import type { Ports } from "../runtime/ports/index.ts";

/** What the API is in front of. */
export interface ServedStore {
  readonly ports: Ports;
  /** Names of the jobs that there are, in order. */
  readonly jobs: () => Promise<readonly string[]>;
  /** Whether savepoints, stops and the like may be asked for. */
  readonly allowWrites: boolean;
  /** What a table of results is called in the store, by its name in the job. Default: the same. */
  readonly tableName?: (table: string) => string;
  /** Between two looks at a job while somebody follows it. Default: 500 ms. */
  readonly statusEveryMs?: number;
  /** Between two looks through a table while somebody follows it. Default: 250 ms. */
  readonly rowsEveryMs?: number;
}
