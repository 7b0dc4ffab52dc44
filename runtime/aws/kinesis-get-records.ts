import {
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  type KinesisClient,
} from "@aws-sdk/client-kinesis";
import { calling, isNamed } from "./aws-errors.ts";
import type { ReadPace } from "./read-pace.ts";
import { identityOf } from "./stream-identity.ts";
import {
  newIterator,
  type IteratorCache,
  type KeptIterator,
  type ReadPlace,
} from "./kinesis-iterators.ts";

export interface PageRequest {
  readonly client: KinesisClient;
  readonly iterators: IteratorCache;
  readonly pace: ReadPace;
  readonly place: ReadPlace;
  readonly maxRecords: number;
}

/**
 * One page of records, or two where the first is the first empty one at its place: it may come from a shard whose
 * end is told only by the page after it.
 */
export async function getRecords(request: PageRequest): Promise<GetRecordsCommandOutput> {
  const { client, iterators, pace, place, maxRecords } = request;
  const resource = `shard "${place.shardId}" of stream "${place.stream}"`;
  const identity = identityOf(place.stream);
  // An iterator knows its stream, but for the policy of another account.
  const foreign = "StreamARN" in identity ? identity : {};
  const send = async (ShardIterator: string) => {
    await pace(`GetRecords ${resource}`);
    const command = { ShardIterator, Limit: maxRecords, ...foreign };
    return await client.send(new GetRecordsCommand(command));
  };
  const kept = iterators.take(place);
  return calling({ resource, action: "kinesis:GetRecords" }, async () => {
    const page = await firstPage({ ...request, kept, send });
    if (!isEmptyTip(page) || kept?.atTip) return page;
    // Were the second page to fail, a position of `latest` must not be lost.
    keepIterator(iterators, place, page);
    const second = await send(page.NextShardIterator!);
    iterators.take(place);
    return second;
  });
}

interface FirstPageRequest extends PageRequest {
  readonly kept: KeptIterator | undefined;
  readonly send: (iterator: string) => Promise<GetRecordsCommandOutput>;
}

async function firstPage(request: FirstPageRequest): Promise<GetRecordsCommandOutput> {
  const { client, iterators, pace, place, kept, send } = request;
  if (kept !== undefined) {
    try {
      return await send(kept.iterator);
    } catch (error) {
      if (!isNamed(error, "ExpiredIteratorException")) {
        iterators.keep(place, kept);
        throw error;
      }
    }
  }
  await pace(`GetShardIterator ${place.stream} ${place.shardId}`);
  return send(await newIterator(client, place));
}

/** Keeps the iterator behind a page for whoever goes on from there. */
export function keepIterator(
  iterators: IteratorCache,
  place: ReadPlace,
  page: GetRecordsCommandOutput,
): void {
  const iterator = page.NextShardIterator;
  if (iterator) iterators.keep(place, { iterator, atTip: isEmptyTip(page) });
}

/** MillisBehindLatest is 0 also in pages that were cut by the limit (seen in emulators): believe it only when empty. */
export function isEmptyTip(page: GetRecordsCommandOutput): boolean {
  const isEmpty = (page.Records ?? []).length === 0;
  return isEmpty && page.MillisBehindLatest === 0 && Boolean(page.NextShardIterator);
}
