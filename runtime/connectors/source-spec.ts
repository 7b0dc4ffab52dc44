import type { SourceConnector } from "../graph/connectors.ts";
import type { Ports, ReadRequest, ReadResult, Shard, StreamRecord } from "../ports/index.ts";

/**
 * What one slot of a source reads: of a stream, a shard. One that is no part of a hash space has all of it as its range, and a bounded
 * one is closed from the start.
 */
export type Split = Shard;

/** What has to be there before a source reads, by the name that the job has for it: whoever deploys or runs a job sees to it. */
export interface SourceResource {
  readonly kind: "stream" | "folder";
  readonly name: string;
}

/**
 * All that Millrace knows of a type of source: a new one is a module with its connector and its spec, and a line in the registry.
 * Places in a split are whole numbers as decimal text, so that one order fits all (docs/protocol.md 3.1).
 */
export interface SourceSpec<C extends SourceConnector<unknown>> {
  /** Of a source as a plan has it. Absent: it needs nothing. */
  readonly resource?: (source: { readonly stream: string }) => SourceResource;
  /** "records": an event source mapping hands them over. "nobody": whoever runs the job has its slots read for themselves. */
  readonly fedBy: "records" | "nobody";
  /** Whether its splits divide a hash space, and may be split and merged; otherwise they are those that are listed. */
  readonly dividesHashSpace: boolean;
  readonly reader: (world: SourceWorld<C>) => SplitReader;
  readonly documents: (source: C, ports: Pick<Ports, "decompression">) => DocumentReader;
}

export interface SourceWorld<C> {
  readonly source: C;
  readonly ports: Ports;
  /** Physical name of what it reads. */
  readonly stream: string;
}

export interface SplitReader {
  /** As {@link StreamReader.listShards}. */
  list(): Promise<readonly Split[]>;
  /** As {@link StreamReader.read}. The same place gives the same record, however often it is read. */
  read(request: SplitRead): Promise<ReadResult>;
}

export interface SplitRead extends Omit<ReadRequest, "stream"> {
  /** When this life of the job began: restores don't change it. */
  readonly startedMs: number;
}

/** Reads a stream: its splits are shards, places in them sequence numbers. */
export function shardReader({
  ports: { reader },
  stream,
}: Pick<SourceWorld<unknown>, "ports" | "stream">): SplitReader {
  return {
    list: () => reader.listShards(stream),
    read: ({ shardId, from, maxRecords }) => reader.read({ stream, shardId, from, maxRecords }),
  };
}

/** How a record becomes values. What it throws says why there is none. */
export interface DocumentReader {
  /** The documents that a record holds. The same record gives the same ones. */
  split(record: StreamRecord): readonly RecordDocument[];
  /** The value that a text stands for: called when the step comes to it. */
  parse(document: string): unknown;
}

/** A text that stands for a value, a value that was made of a part of the record, or what there is none of. */
export type RecordDocument = string | MadeDocument | UndecodableDocument;

export interface MadeDocument {
  readonly kind: "made";
  readonly value: unknown;
  /** What a dead letter shows of it. */
  readonly shown: () => string | Uint8Array;
}

export interface UndecodableDocument {
  readonly kind: "refused";
  readonly reason: string;
  readonly document: string | Uint8Array;
}
