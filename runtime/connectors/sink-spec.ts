import type { DirectWrite, SinkConnector, SinkWrite } from "../graph/connectors.ts";
import type { Ports, RefusedWrite, TableKey, WriteOrder } from "../ports/index.ts";

/** What has to be there before a sink writes, by the name that the job has for it: whoever deploys or runs a job sees to it. */
export type SinkResource =
  | {
      readonly kind: "table";
      readonly name: string;
      readonly key: TableKey;
    }
  | { readonly kind: "stream"; readonly name: string }
  | { readonly kind: "folder"; readonly name: string }
  /** The log of whoever runs the job: nothing has to be there. */
  | { readonly kind: "log"; readonly name: string };

/** What a plan says of a sink. */
export type SinkTarget = Pick<SinkConnector<never>, "target" | "keyFields" | "keyTypes">;

/**
 * All that Millrace knows of a type of sink: a new one is a module with a spec, and a line in the registry (sinks.ts). Either what
 * a commit holds is delivered at once, or it is staged, and committed when an epoch is complete.
 */
export type SinkSpec = DirectSpec | StagedSpec;

interface AnySpec {
  readonly resource: (sink: SinkTarget) => SinkResource;
}

export interface DirectSpec extends AnySpec {
  /**
   * Delivers committed writes, in their order; delivering them again changes nothing that a reader of the sink's guarantee sees.
   * @throws a StoreError where the target as a whole can't be written; some of the writes may have been.
   */
  readonly write: (
    delivery: SinkDelivery,
    writes: readonly OrderedWrite[],
  ) => Promise<SinkDelivered>;
}

/** In two phases (docs/protocol.md 6.9). */
export interface StagedSpec extends AnySpec {
  /** The bytes of some writes; those of later ones are put behind them. */
  readonly stage: (writes: readonly SinkWrite[]) => Uint8Array;
  /** Makes what was staged visible, as a whole. Anybody does it, any number of times: from the second time on it changes nothing. */
  readonly commit: (to: CommitTarget, staged: StagedContent) => Promise<void>;
}

export interface CommitTarget {
  readonly ports: Pick<Ports, "files">;
  /** As the store calls it. */
  readonly target: string;
}

export interface StagedContent {
  /** No other content of the job, in any life of it, has this name: parts with slashes between them. */
  readonly name: string;
  readonly content: Uint8Array;
}

/** Who writes, and where to. */
export interface SinkDelivery {
  readonly ports: Pick<Ports, "tables" | "writer" | "clock" | "random" | "telemetry">;
  readonly sink: SinkConnector<never>;
  /** As the store calls it. */
  readonly target: string;
  readonly job: string;
  /** When this life of the job began; 0 where it began before rows had owners (docs/protocol.md 9.1). */
  readonly incarnation: number;
  /** Names the slot in this life of the job (9.3). */
  readonly producer: string;
}

export interface OrderedWrite {
  readonly write: DirectWrite;
  readonly order: WriteOrder;
}

export interface SinkDelivered {
  /** Writes that found a newer one in place. */
  readonly superseded: number;
  /** Writes that the store will never take as they are. */
  readonly refused: readonly RefusedWrite[];
}
