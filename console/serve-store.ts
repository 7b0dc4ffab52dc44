import { createApi } from "../http/create-api.ts";
import type { ServedStore } from "../http/served-store.ts";
import { consoleFront, type ConsoleFront } from "./console-front.ts";
import { serveHere, type ServedConsole } from "./serve-here.ts";

export interface ServeStore extends Omit<ConsoleFront, "mayWrite"> {
  readonly store: ServedStore;
  /** Default: 0, one that is free. */
  readonly port?: number;
}

/**
 * Serves the console and the API of the jobs of a store, to this machine only.
 * @throws MillraceError `port-in-use`
 */
export async function serveStore(options: ServeStore): Promise<ServedConsole> {
  const { store, port = 0, ...page } = options;
  const { fetch } = createApi(store, { before: consoleFront({ ...page, mayWrite: true }) });
  return await serveHere({ fetch, port });
}
