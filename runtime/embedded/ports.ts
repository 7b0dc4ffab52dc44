import { join } from "node:path";
import type { Ports } from "../ports/index.ts";
import { quietTelemetry } from "./console-telemetry.ts";
import type { EmbeddedStreams } from "./embedded-streams.ts";
import { folderObjectStore } from "./folder-object-store.ts";
import { memoryCommitLog } from "./memory-commit-log.ts";
import { memoryControlTable } from "./memory-control-table.ts";
import { memoryKeyedTable } from "./memory-keyed-table.ts";
import { memoryObjectStore } from "./memory-object-store.ts";
import { memoryStreams } from "./memory-streams.ts";
import { sqliteCommitLog } from "./sqlite-commit-log.ts";
import { sqliteControlTable } from "./sqlite-control-table.ts";
import { openDatabase } from "./sqlite-database.ts";
import { sqliteKeyedTable } from "./sqlite-keyed-table.ts";
import { sqliteStreams } from "./sqlite-streams.ts";
import type { StreamAdmin } from "./stream-admin.ts";
import { systemHeap } from "../node/system-heap.ts";
import { systemClock, systemRandom, zstdCompression } from "../node/system-environment.ts";
import { zlibDecompression } from "../node/zlib-decompression.ts";

export interface EmbeddedPorts extends Ports {
  readonly admin: StreamAdmin;
  /** Lets go of every handle. Calls after it fail. */
  readonly close: () => void;
}

const systemEnvironment = () => ({
  clock: systemClock,
  random: systemRandom,
  compression: zstdCompression,
  decompression: zlibDecompression,
  telemetry: quietTelemetry,
  heap: systemHeap(),
});

/** Everything in this process's memory. Share the answer among all that should see the same data. */
export function memoryPorts(overrides: Partial<Ports> = {}): EmbeddedPorts {
  const environment = { ...systemEnvironment(), ...overrides };
  return {
    ...environment,
    log: memoryCommitLog(),
    control: memoryControlTable(),
    tables: memoryKeyedTable(),
    objects: memoryObjectStore(),
    files: memoryObjectStore(),
    ...streamPorts(memoryStreams(environment)),
    ...overrides,
    close: () => {},
  };
}

/**
 * Everything in one folder; it is made if it isn't there, and survives the death of every process at any moment.
 * Several processes and worker threads may use the folder at once: each opens its own ports.
 */
export function durablePorts(dir: string, overrides: Partial<Ports> = {}): EmbeddedPorts {
  const environment = { ...systemEnvironment(), ...overrides };
  // Names of drafts must never meet, whatever randomness the job was given.
  const random = systemRandom;
  const database = openDatabase(dir, random);
  const storeIn = (folder: string, names: "marked" | "plain") =>
    folderObjectStore({ dir: join(dir, folder), draftDir: join(dir, "drafts"), random, names });
  return {
    ...environment,
    log: sqliteCommitLog(database),
    control: sqliteControlTable(database),
    tables: sqliteKeyedTable(database),
    objects: storeIn("objects", "marked"),
    files: storeIn("files", "plain"),
    ...streamPorts(sqliteStreams(database, environment)),
    ...overrides,
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

const streamPorts = ({ reader, writer, admin }: EmbeddedStreams) => ({ reader, writer, admin });
