import type { Ports } from "../../../runtime/ports/index.ts";
import type { SimProcess } from "../scheduler.ts";
import { type PortsContext, processPorts } from "./process-ports.ts";

/** The ports of somebody who looks at the world from outside: no faults, no waiting. */
export function outsidePorts(context: PortsContext, process: SimProcess): Ports {
  const { log, control, objects, streams } = context.stores;
  return {
    ...processPorts(context, process),
    log: {
      append: async (name, row) => log.append(name, row),
      read: async (name, range) => log.read(name, range),
      readAll: async (name) => log.readAll(name),
    },
    control: {
      get: async (key) => control.get(key),
      list: async (partition) => control.list(partition),
      put: async (row, condition) => control.put(row, condition),
      delete: async (row) => control.delete(row),
    },
    objects: {
      put: async (key, data, options) => objects.put(key, data, options?.ifAbsent ?? false),
      get: async (key) => objects.get(key),
      async *list(prefix) {
        yield* objects.list(prefix);
      },
      delete: async (keys) => keys.forEach((key) => objects.delete(key)),
    },
    reader: {
      listShards: async (stream) => streams.listShards(stream),
      read: async (request) => streams.read(request, request.maxRecords),
    },
    writer: {
      put: async (stream, entries) => entries.map((entry) => streams.put(stream, entry)),
    },
  };
}
