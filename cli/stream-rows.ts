import { decodeAppended } from "../runtime/connectors/record-id.ts";
import { type DuplicateFilter, duplicateFilter } from "../runtime/connectors/duplicate-filter.ts";
import type { Row } from "../runtime/ports/keyed-table.ts";
import type { StreamPosition, StreamReader } from "../runtime/ports/streams.ts";
import { isFields } from "../runtime/serde/fields.ts";

/** What is left of a stream's records to show. */
export interface StreamRows {
  /** Documents that came since the last call, shard by shard, up to the tip of each. */
  next(): AsyncIterable<Row>;
}

const maxRecords = 1_000;

/** The documents of a stream as rows, each once where they carry record ids; of what is no JSON object, `value` is what there is. */
export function streamRows(
  reader: StreamReader,
  { stream, start }: { readonly stream: string; readonly start: StreamPosition },
): StreamRows {
  const shards = new Map<string, ShardRead>();
  return {
    async *next() {
      for (const { shardId } of await reader.listShards(stream)) {
        const shard = shards.get(shardId) ?? {
          from: start,
          ended: false,
          filter: duplicateFilter(),
        };
        shards.set(shardId, shard);
        while (!shard.ended) {
          const read = await reader.read({ stream, shardId, from: shard.from, maxRecords });
          shard.from = read.next;
          shard.ended = read.ended;
          for (const { data } of read.records) {
            const row = rowOf(data, shard.filter);
            if (row !== undefined) yield row;
          }
          if (read.atTip) break;
        }
      }
    },
  };
}

interface ShardRead {
  from: StreamPosition;
  ended: boolean;
  readonly filter: DuplicateFilter;
}

/** Undefined of a copy. */
function rowOf(data: Uint8Array, { isNew }: DuplicateFilter): Row | undefined {
  const value = parsed(data);
  const appended = decodeAppended(value);
  if (appended === undefined) return isFields(value) ? value : { value };
  if (!isNew(appended.id)) return undefined;
  return isFields(appended.value) ? appended.value : { value: appended.value };
}

/** The text itself where it is no JSON. */
function parsed(data: Uint8Array): unknown {
  const text = new TextDecoder().decode(data);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
