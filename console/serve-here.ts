import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { portInUse } from "./port-in-use.ts";

export interface ServedConsole {
  /** With a slash at its end. */
  readonly url: string;
  /** Ends what viewers follow, too. */
  readonly close: () => Promise<void>;
}

export interface ServeHere {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** 0: one that is free. */
  readonly port: number;
}

/**
 * Answers requests that come from this machine.
 * @throws MillraceError `port-in-use`
 */
export async function serveHere({ fetch, port }: ServeHere): Promise<ServedConsole> {
  const server = createAdaptorServer({ fetch, overrideGlobalObjects: false });
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
