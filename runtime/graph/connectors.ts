import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { KeyType } from "../ports/keyed-table.ts";
import type { Change } from "./change.ts";
import type { ViewDescription } from "./view.ts";

/** Where a source slot without a log begins. */
export type StartFrom = "earliest" | "latest" | { readonly timeMs: number };

/** What a job reads: plain data and functions of the user's. Each type adds what only it needs. */
export interface SourceConnector<T> {
  readonly type: string;
  /** What it reads, by a name under which no other source of the job reads. Absent: nobody else could (see {@link streamNameOf}). */
  readonly stream?: string;
  readonly startFrom: StartFrom;
  /** Checks each document; what it refuses goes to the dead letters. Must be synchronous. */
  readonly schema: StandardSchemaV1<unknown, T>;
  /** Drops what a Millrace Kinesis sink sent twice: records carry a record id (docs/protocol.md, section 9). */
  readonly dropDuplicates: boolean;
  /** What it gives the schema is made by a function of the user's, which may keep it. Default: it is nobody else's. */
  readonly mayShare?: boolean;
}

/** The name under which a source's slots are found; no stream of Kinesis has one with a colon. */
export function streamNameOf(
  uid: string,
  { type, stream }: Pick<SourceConnector<unknown>, "type" | "stream">,
): string {
  return stream ?? `${type}:${uid}`;
}

/** What a sink promises for its results, end to end. */
export type SinkGuarantee =
  | "exactly-once"
  /** What is delivered again is there again. */
  | "at-least-once"
  | "exactly-once for readers that drop duplicates"
  /** What an epoch holds can be seen once that is complete: the job must take checkpoints. */
  | "exactly-once, with each epoch";

/** What a sink wants written: a row or a record, which goes out with its commit, or a line, which waits for its epoch. */
export type SinkWrite = DirectWrite | { readonly kind: "line"; readonly text: string };

export type DirectWrite =
  | {
      readonly kind: "upsert";
      readonly key: Readonly<Record<string, string | number>>;
      readonly row: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "delete"; readonly key: Readonly<Record<string, string | number>> }
  | { readonly kind: "append"; readonly partitionKey: string; readonly value: unknown };

export interface SinkConnector<T> {
  readonly type: string;
  /** Name of the table, stream or folder that it writes. */
  readonly target: string;
  readonly guarantee: SinkGuarantee;
  /** Attributes that identify a row, for sinks that write rows: whoever owns the key writes it. */
  readonly keyFields?: readonly string[];
  /** Types of `keyFields`, in their order; absent where they are not declared. */
  readonly keyTypes?: readonly KeyType[];
  /** For sinks that write rows: those of another job are replaced instead of being refused. Default: refused. */
  readonly takesOver?: boolean;
  /** What its rows are, for whoever draws them. */
  readonly view?: ViewDescription;
  /**
   * `encode` copies what it writes, and shows the element to no function of the user's: it may be given what others have as well.
   * Default: false.
   */
  readonly copies?: boolean;
  /** Called once an element, inside the step: pure, and throws for what can't be written. */
  readonly encode: (value: T, change: Change) => SinkWrite;
}
