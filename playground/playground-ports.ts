import { memoryCommitLog } from "../runtime/embedded/memory-commit-log.ts";
import { memoryControlTable } from "../runtime/embedded/memory-control-table.ts";
import { memoryKeyedTable } from "../runtime/embedded/memory-keyed-table.ts";
import { memoryObjectStore } from "../runtime/embedded/memory-object-store.ts";
import { memoryStreams } from "../runtime/embedded/memory-streams.ts";
import type { EmbeddedPorts } from "../runtime/embedded/ports.ts";
import type { Clock, Compression, Decompression, Random } from "../runtime/ports/index.ts";

/** Everything in memory, and nothing of Node: the smallest world that a job runs in. The same job and input give the same run. */
export function playgroundPorts(clock: Clock): EmbeddedPorts {
  return {
    log: memoryCommitLog(),
    control: memoryControlTable(),
    tables: memoryKeyedTable(),
    objects: memoryObjectStore(),
    files: memoryObjectStore(),
    ...memoryStreams({ clock }),
    clock,
    random: countedRandom(),
    compression: uncompressed,
    decompression,
    telemetry: { count() {}, alarm() {}, log() {} },
    // A worker's heap can't be measured in a browser, and what somebody types in is small.
    heap: { measure: () => ({ usedBytes: 0, limitBytes: 1 }), collect: () => {} },
    close: () => {},
  };
}

/** Lines that somebody types are no compressed records. */
export const decompression: Decompression = {
  open: (format) => {
    throw new Error(`The playground can't read ${format}: its lines are text.`);
  },
};

/** Number 0 says in an envelope that it is not compressed. */
const uncompressed: Compression = { id: 0, compress: (data) => data, decompress: (data) => data };

/** Ids need only be different, and fractions spread: what is counted is both, and the same in every run. */
function countedRandom(): Random {
  let count = 0;
  const golden = 0.618_033_988_749_895;
  return {
    id: () => (count += 1).toString(36),
    fraction: () => ((count += 1) * golden) % 1,
  };
}
