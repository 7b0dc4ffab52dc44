import { decodeAppended } from "../runtime/connectors/index.ts";
import type { EmbeddedPorts } from "../runtime/embedded/ports.ts";
import type {
  KeyedTable,
  ObjectStore,
  RefusedWrite,
  StreamWriter,
} from "../runtime/ports/index.ts";
import type { ShownResult } from "./play-step.ts";

type Note = (result: ShownResult) => void;

/** The same ports, which tell of every result that was taken, in the order in which they were. */
export function watchResults(
  ports: EmbeddedPorts,
  sinkStreams: readonly string[],
  note: Note,
): EmbeddedPorts {
  return {
    ...ports,
    tables: watchedTables(ports.tables, note),
    files: watchedFiles(ports.files, note),
    writer: watchedWriter(ports.writer, new Set(sinkStreams), note),
  };
}

/** Writes one by one: of many, nobody could tell which of them were applied. */
function watchedTables(tables: KeyedTable, note: Note): KeyedTable {
  return {
    ...tables,
    async write(table, writes, writer) {
      const refused: RefusedWrite[] = [];
      let applied = 0;
      for (const [at, write] of writes.entries()) {
        const summary = await tables.write(table, [write], writer);
        applied += summary.applied;
        for (const { reason } of summary.refused ?? []) refused.push({ at, reason });
        if (summary.applied === 0) continue;
        const { key, row } = write;
        note({
          target: table,
          kind: row === undefined ? "deleted" : "row",
          value: row ?? key,
        });
      }
      const superseded = writes.length - applied - refused.length;
      return { applied, superseded, ...(refused.length > 0 && { refused }) };
    },
  };
}

function watchedFiles(files: ObjectStore, note: Note): ObjectStore {
  return {
    ...files,
    async put(key, data, options) {
      const isNew = await files.put(key, data, options);
      const target = key.slice(0, key.lastIndexOf("/"));
      const lines = isNew ? textOf(data).split("\n") : [];
      for (const line of lines)
        if (line !== "") note({ target, kind: "appended", value: JSON.parse(line) });
      return isNew;
    },
  };
}

function watchedWriter(writer: StreamWriter, sinks: ReadonlySet<string>, note: Note): StreamWriter {
  return {
    async put(stream, entries) {
      const results = await writer.put(stream, entries);
      if (!sinks.has(stream)) return results;
      for (const { data } of entries) {
        const document: unknown = JSON.parse(textOf(data));
        const appended = decodeAppended(document);
        note({
          target: stream,
          kind: "appended",
          value: appended === undefined ? document : appended.value,
        });
      }
      return results;
    },
  };
}

const textOf = (data: Uint8Array): string => new TextDecoder().decode(data);
