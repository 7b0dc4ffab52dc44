import { inputError, isMillraceError, messageOf, storeError } from "../errors/millrace-error.ts";
import type { Change } from "../graph/change.ts";
import { isPlainAccess } from "../graph/plain-access.ts";
import type { SinkConnector } from "../graph/connectors.ts";
import { checkSynchronous, synchronous } from "../graph/synchronous.ts";
import { jsonFits } from "./json-bytes.ts";
import { jsonCopy } from "./json-copy.ts";
import type { PutEntry } from "../ports/streams.ts";
import type { RefusedWrite } from "../ports/keyed-table.ts";
import { retry, type RetryPolicy, tryOf } from "../retry/retry.ts";
import { checkStreamName } from "./names.ts";
import { encodeAppended } from "./record-id.ts";
import type { DirectSpec, OrderedWrite, SinkDelivery } from "./sink-spec.ts";

export interface KinesisSinkOptions<T> {
  /** Name of the stream; a deployment can map it to another. */
  readonly stream: string;
  /** Decides the shard: 1 to 256 characters. Records of one key keep their order. */
  readonly partitionKey: (value: T) => string;
  /**
   * The JSON document to append. Windows that fire again give "replace", and sessions that a merge swallowed "delete":
   * a stream takes nothing back, so say it in the document where readers must know. Default: the element, whatever the change.
   */
  readonly toRecord?: (value: T, change: Change) => unknown;
}

/** What Kinesis takes, 1 MiB with the partition key, less the envelope. */
const maxRecordBytes = 1_000_000;

/**
 * Appends each element as a JSON record in an envelope with a record id (record-id.ts). A record can be put more than once
 * under the same id; `kinesisSource` with `dropDuplicates` passes each once.
 * @throws MillraceError `stream-name-invalid`
 */
export function kinesisSink<T>(options: KinesisSinkOptions<T>): SinkConnector<T> {
  const { stream, partitionKey, toRecord = (value: T) => value } = options;
  checkStreamName(stream);
  checkSynchronous(partitionKey, { what: `partitionKey of the sink for stream "${stream}"` });
  checkSynchronous(toRecord, { what: `toRecord of the sink for stream "${stream}"` });
  return Object.freeze<SinkConnector<T>>({
    type: "kinesis",
    target: stream,
    guarantee: "exactly-once for readers that drop duplicates",
    copies: options.toRecord === undefined && isPlainAccess(partitionKey),
    encode(value, change) {
      const key = synchronous(partitionKey(value), "partitionKey");
      if (!isPartitionKey(key)) throw keyInvalid(stream);
      const copy = jsonCopy(synchronous(toRecord(value, change), "toRecord"), "record");
      if (!jsonFits(copy, maxRecordBytes)) throw tooLarge(stream);
      return { kind: "append", partitionKey: key, value: copy };
    },
  });
}

/** Kinesis counts code points, and half of a surrogate pair has no UTF-8: it refuses the whole put. */
function isPartitionKey(key: unknown): key is string {
  if (typeof key !== "string" || key.length < 1 || !key.isWellFormed()) return false;
  return key.length <= partitionKeyMax || Array.from(key).length <= partitionKeyMax;
}

const partitionKeyMax = 256;

function keyInvalid(stream: string): Error {
  return inputError("partition-key-invalid", {
    message: `The partition key of a record for stream "${stream}" is not a text of 1 to 256 whole characters.`,
    next: "Return another value from partitionKey; write String(…) around a number.",
  });
}

function tooLarge(stream: string): Error {
  return inputError("record-too-large", {
    message: `A record for stream "${stream}" is larger than 1,000,000 bytes, which Kinesis doesn't take.`,
    next: "Make smaller records with map before the sink, or with its toRecord.",
  });
}

export const kinesisSpec: DirectSpec = {
  resource: ({ target }) => ({ kind: "stream", name: target }),
  write: async (delivery, writes) => {
    const entries = writes.map((write) => entryOf(delivery, write));
    return { superseded: 0, refused: await putAll(delivery, entries) };
  },
};

function entryOf({ producer }: SinkDelivery, { write, order }: OrderedWrite): PutEntry {
  if (write.kind !== "append") throw new Error(`A stream takes no ${write.kind}.`);
  return {
    partitionKey: write.partitionKey,
    data: encodeAppended({ slot: producer, ...order }, write.value),
  };
}

/** Puts of which a stream takes nothing, before the batch is given back. */
const putting: RetryPolicy = { triesMax: 10, firstPauseMs: 40, pauseMaxMs: 2_000 };

/** Puts records and puts again what was throttled: at least once each. Answers those that no stream would take. */
async function putAll(
  delivery: SinkDelivery,
  entries: readonly PutEntry[],
): Promise<readonly RefusedWrite[]> {
  const { ports, target } = delivery;
  const refused: RefusedWrite[] = [];
  let pending = entries.map((entry, at) => ({ entry, at }));
  const isPut = await retry(ports, putting, async () => {
    const before = pending.length;
    try {
      const some = pending.map(({ entry }) => entry);
      const results = await ports.writer.put(target, some);
      pending = pending.filter((_, index) => results[index]?.put !== true);
    } catch (thrown) {
      // A put is refused as a whole, whichever of its records is at fault: then each goes by itself.
      if (!isMillraceError(thrown) || thrown.domain !== "input") throw thrown;
      if (entries.length === 1) refused.push({ at: 0, reason: messageOf(thrown) });
      else
        for (const { entry, at } of pending)
          for (const { reason } of await putAll(delivery, [entry])) refused.push({ at, reason });
      return "done";
    }
    return tryOf(before, pending.length);
  });
  if (!isPut) throw throttled(target, pending.length);
  return refused;
}

function throttled(stream: string, count: number): Error {
  return storeError("append-throttled", {
    message: `${count} records could not be put into stream "${stream}": it keeps throttling.`,
    next: "The batch is tried again; give the stream more shards if this lasts.",
    retryable: true,
  });
}
