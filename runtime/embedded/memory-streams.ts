import type { Clock } from "../ports/environment.ts";
import type { PutResult, StreamReader, StreamRecord, StreamWriter } from "../ports/streams.ts";
import type { EmbeddedStreams } from "./embedded-streams.ts";
import { checkPut } from "../serde/put-limits.ts";
import { routePut } from "./put-routing.ts";
import { checkReadRequest, firstSequenceOf, readResult } from "./read-range.ts";
import {
  describeShards,
  endShards,
  mergeShards,
  newShards,
  shardOf,
  splitShard,
  type Resharding,
  type ShardState,
} from "./shard-layout.ts";
import type { StreamAdmin } from "./stream-admin.ts";
import { shardMissing, streamMissing } from "./stream-errors.ts";

interface MemoryShard {
  state: ShardState;
  readonly records: StreamRecord[];
}

type MemoryStream = Map<string, MemoryShard>;

/** Streams in this process's memory, kept for its life. */
export function memoryStreams({ clock }: { readonly clock: Clock }): EmbeddedStreams {
  const streams = new Map<string, MemoryStream>();
  return {
    reader: memoryReader(streams),
    writer: memoryWriter(streams, clock),
    admin: memoryAdmin(streams),
  };
}

function memoryReader(streams: ReadonlyMap<string, MemoryStream>): StreamReader {
  return {
    async listShards(stream) {
      return statesOf(streams, stream).map(shardOf);
    },

    async read(request) {
      checkReadRequest(request);
      const { stream, shardId, from, maxRecords } = request;
      const shard = streamOf(streams, stream).get(shardId);
      if (shard === undefined) throw shardMissing(stream, shardId);
      const { state, records } = shard;
      const first = firstSequenceOf(from, state, (timeMs) => {
        const index = records.findIndex(({ arrivalMs }) => arrivalMs >= timeMs);
        return index === -1 ? state.nextSequence : state.firstSequence + index;
      });
      const start = first - state.firstSequence;
      return readResult(from, records.slice(start, start + maxRecords), state);
    },
  };
}

function memoryWriter(streams: ReadonlyMap<string, MemoryStream>, clock: Clock): StreamWriter {
  return {
    async put(stream, entries) {
      checkPut(stream, entries);
      const shards = streamOf(streams, stream);
      const results: PutResult[] = [];
      const nowMs = clock.nowMs();
      for (const { shardId, indexes } of routePut(stream, statesOf(streams, stream), entries)) {
        const shard = shards.get(shardId)!;
        // Arrival times of a shard never fall, whatever the clock does: positions by time depend on it.
        const arrivalMs = Math.max(nowMs, shard.records.at(-1)?.arrivalMs ?? nowMs);
        const copies = copyOfData(indexes.map((index) => entries[index]!.data));
        for (const [offset, index] of indexes.entries()) {
          const { partitionKey } = entries[index]!;
          const sequence = String(shard.state.firstSequence + shard.records.length);
          shard.records.push({ sequence, partitionKey, data: copies[offset]!, arrivalMs });
          results[index] = { put: true, shardId, sequence };
        }
        const nextSequence = shard.state.firstSequence + shard.records.length;
        shard.state = { ...shard.state, nextSequence };
      }
      return results;
    },
  };
}

function memoryAdmin(streams: Map<string, MemoryStream>): StreamAdmin {
  const apply = (stream: string, { closes, opens }: Resharding) => {
    const shards = streamOf(streams, stream);
    for (const shardId of closes) {
      const shard = shards.get(shardId)!;
      shard.state = { ...shard.state, closed: true };
    }
    for (const state of opens) shards.set(state.shardId, { state, records: [] });
  };
  return {
    async createStream(stream, { shards }) {
      if (streams.has(stream)) return;
      const opens = newShards(stream, shards);
      streams.set(stream, new Map());
      apply(stream, { closes: [], opens });
    },
    async split(stream, shardId) {
      apply(stream, splitShard(stream, statesOf(streams, stream), shardId));
    },
    async merge(stream, shardA, shardB) {
      apply(stream, mergeShards(stream, statesOf(streams, stream), [shardA, shardB]));
    },
    async endStream(stream) {
      apply(stream, endShards(statesOf(streams, stream)));
    },
    async describe(stream) {
      return describeShards(stream, statesOf(streams, stream));
    },
  };
}

function streamOf(streams: ReadonlyMap<string, MemoryStream>, stream: string): MemoryStream {
  const found = streams.get(stream);
  if (found === undefined) throw streamMissing(stream);
  return found;
}

/** In ascending order of id, which is the order in which shards were made. */
const statesOf = (streams: ReadonlyMap<string, MemoryStream>, stream: string): ShardState[] =>
  Array.from(streamOf(streams, stream).values(), ({ state }) => state);

/** Copies of many small arrays as views of one: an array of its own costs more than its bytes. */
function copyOfData(all: readonly Uint8Array[]): Uint8Array[] {
  const copy = new Uint8Array(all.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let offset = 0;
  return all.map((data) => {
    copy.set(data, offset);
    return copy.subarray(offset, (offset += data.byteLength));
  });
}
