import type { StreamWriter } from "../../runtime/ports/index.ts";

/** An example app, as the conformance run drives it. Positions count what producers have to send, whatever they send twice. */
export interface AppUnderTest {
  readonly job: string;
  /** File of the CDK app, which has one stack. */
  readonly app: string;
  /** File of the job, for `millrace restore`. */
  readonly jobFile: string;
  /** The source's stream, by its name in the job. */
  readonly stream: string;
  /** What is to be sent in all. */
  readonly size: number;
  /** Environment of the CDK app for a compatible change of the job; absent where none is deployed. */
  readonly changed?: Readonly<Record<string, string>>;
  /** Whether its producers put a batch again when a call fails: the job then drops what came twice. */
  readonly producersRetry: boolean;
  /** Sends all at a rate, as producers do. */
  feed(options: FeedOptions): Promise<void>;
  /** Holds the result tables against an independent computation; answers the differences, readable. */
  compare(scan: ScanTable, sent: readonly SentRecord[]): Promise<ComparisonSummary>;
}

export interface FeedOptions {
  readonly writer: Pick<StreamWriter, "put">;
  /** In AWS. */
  readonly stream: string;
  /** Per second. */
  readonly rate: number;
  /** Told after each put: how far it is. */
  readonly onPut: (position: number) => void;
}

export interface ComparisonSummary {
  readonly differences: readonly string[];
  readonly rows: number;
  /** Records that the schema refuses, the poisoned one included: they must be dead letters. */
  readonly refused: number;
}

/** A record of the source's stream, which producers may have put more often than they wanted. */
export interface SentRecord {
  readonly data: Uint8Array;
}

export type ScanTable = (table: string) => AsyncIterable<Readonly<Record<string, unknown>>>;
