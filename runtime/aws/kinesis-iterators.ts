import {
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type KinesisClient,
} from "@aws-sdk/client-kinesis";
import type { ReadRequest, StreamPosition } from "../ports/streams.ts";
import { calling } from "./aws-errors.ts";
import { identityOf } from "./stream-identity.ts";

/** Where a read begins: a request without its size. */
export type ReadPlace = Pick<ReadRequest, "stream" | "shardId" | "from">;

/**
 * Iterators that earlier reads left, by the place at which they stand: a reader that goes on where it stopped costs
 * no GetShardIterator (Kinesis allows five a second and shard). They live for five minutes; the reader asks for
 * another when one has expired.
 */
export interface IteratorCache {
  take(place: ReadPlace): KeptIterator | undefined;
  keep(place: ReadPlace, iterator: KeptIterator): void;
}

export interface KeptIterator {
  readonly iterator: string;
  /** The page that brought it was empty and at the tip. */
  readonly atTip: boolean;
}

const maxKeptIterators = 1_000;

export function iteratorCache(): IteratorCache {
  const kept = new Map<string, KeptIterator>();
  return {
    take(place) {
      const key = keyOf(place);
      const iterator = kept.get(key);
      kept.delete(key);
      return iterator;
    },
    keep(place, iterator) {
      kept.set(keyOf(place), iterator);
      if (kept.size > maxKeptIterators) kept.delete(kept.keys().next().value!);
    },
  };
}

export async function newIterator(client: KinesisClient, place: ReadPlace): Promise<string> {
  const { stream, shardId, from } = place;
  const command = new GetShardIteratorCommand({
    ...identityOf(stream),
    ShardId: shardId,
    ...startOf(from),
  });
  const about = {
    resource: `shard "${shardId}" of stream "${stream}"`,
    action: "kinesis:GetShardIterator",
  };
  const { ShardIterator } = await calling(about, () => client.send(command));
  return ShardIterator!;
}

type Start = Pick<
  GetShardIteratorCommandInput,
  "ShardIteratorType" | "StartingSequenceNumber" | "Timestamp"
>;

function startOf(from: StreamPosition): Start {
  switch (from.kind) {
    case "earliest":
      return { ShardIteratorType: "TRIM_HORIZON" };
    case "time":
      return { ShardIteratorType: "AT_TIMESTAMP", Timestamp: new Date(from.timeMs) };
    case "at":
      return { ShardIteratorType: "AT_SEQUENCE_NUMBER", StartingSequenceNumber: from.sequence };
    case "after":
      return { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", StartingSequenceNumber: from.sequence };
  }
}

const keyOf = ({ stream, shardId, from }: ReadPlace): string =>
  JSON.stringify([stream, shardId, from]);
