import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { type Assets, browserPolicy, consolePage } from "../http/console-page.ts";
import { consoleAsset } from "../dashboard/assets.ts";
import { createApi } from "../http/create-api.ts";
import { loopbackGuard } from "../http/loopback-guard.ts";
import { viewOrigins } from "../http/view-origins.ts";
import type { ServedStore } from "../http/served-store.ts";
import { portInUse } from "./port-in-use.ts";

export interface ServeStore {
  readonly store: ServedStore;
  /** Default: 0, one that is free. */
  readonly port?: number;
  /** Default: the console's. */
  readonly assets?: Assets;
  /** Origins whose pages may embed views. Default: none. */
  readonly origins?: readonly string[];
}

export interface ServedConsole {
  /** With a slash at its end. */
  readonly url: string;
  /** Ends what viewers follow, too. */
  readonly close: () => Promise<void>;
}

const tokenBytes = 16;

/**
 * Serves the console and the API of the jobs of a store, to this machine only.
 * @throws MillraceError `port-in-use`
 */
export async function serveStore(options: ServeStore): Promise<ServedConsole> {
  const { store, port = 0, assets = consoleAsset, origins = [] } = options;
  const token = randomBytes(tokenBytes).toString("hex");
  const api = createApi(store, {
    before: [
      browserPolicy,
      loopbackGuard({ token, origins }),
      viewOrigins(origins),
      consolePage({ assets, token }),
    ],
  });
  const server = createAdaptorServer({ fetch: api.fetch, overrideGlobalObjects: false });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (thrown: NodeJS.ErrnoException) =>
      reject(thrown.code === "EADDRINUSE" ? portInUse(port) : thrown),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${taken}/`,
    close: async () => {
      if ("closeAllConnections" in server) server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
