/** What of a job's plan decides what it costs. */
export interface JobShape {
  readonly hasExchange: boolean;
}

/** What is asked of a job, all the month. */
export interface Workload {
  readonly eventsPerSecond: number;
  /** Of one record as it is put, a record being an event. */
  readonly eventBytes: number;
  /** Of one element on its way to a keyed stage, encoded and compressed. */
  readonly elementBytes: number;
  /** Different keys that one batch of an exchange slot touches. */
  readonly keysPerBatch: number;
  /** Rows that all sinks write together. */
  readonly rowsPerSecond: number;
  readonly rowBytes: number;
  readonly sourceShards: number;
  readonly exchangeShards: number;
  /** How long streams keep records: up to seven days, since what is beyond is asked for by the GB. */
  readonly retentionHours: number;
  /** The event source mappings' batch window. */
  readonly windowSeconds: number;
  readonly batchSize: number;
  /** From tick to tick of the coordinator. */
  readonly tickSeconds: number;
  readonly memoryMiB: number;
  readonly stateGib: number;
  /** Time of a batch that goes into waiting for stores. */
  readonly batchOverheadMs: number;
  /** Events that one vCPU takes in a second, all stages together. */
  readonly eventsPerCpuSecond: number;
}

/**
 * `batchOverheadMs` is five round trips in one region, a guess that no account has confirmed; `eventsPerCpuSecond` is about what the
 * benchmark of a keyed count through the exchange gives (both halves).
 */
export const defaultWorkload: Omit<Workload, "eventsPerSecond"> = {
  eventBytes: 500,
  elementBytes: 60,
  keysPerBatch: 100,
  rowsPerSecond: 1,
  rowBytes: 100,
  sourceShards: 1,
  exchangeShards: 1,
  retentionHours: 72,
  windowSeconds: 1,
  batchSize: 1_000,
  tickSeconds: 0.25,
  memoryMiB: 1_769,
  stateGib: 0.1,
  batchOverheadMs: 40,
  eventsPerCpuSecond: 100_000,
};
