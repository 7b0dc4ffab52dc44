import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import { createApi } from "../http/create-api.ts";
import { type Assets, browserPolicy, consolePage } from "../http/console-page.ts";
import { loopbackGuard } from "../http/loopback-guard.ts";
import { jobsInFolder } from "../runtime/embedded/jobs-in-folder.ts";
import { durablePorts } from "../runtime/embedded/ports.ts";
import { deploymentError } from "../runtime/errors/millrace-error.ts";

export interface ServeFolder {
  /** The folder of `millrace dev`, whether a job runs in it or not. */
  readonly dir: string;
  /** Default: 0, one that is free. */
  readonly port?: number;
  /** Files of the console. Default: none, the API alone. */
  readonly assets?: Assets;
}

export interface ServedFolder {
  /** With a slash at its end. */
  readonly url: string;
  /** Ends what viewers follow, too. */
  readonly close: () => Promise<void>;
}

const tokenBytes = 16;

/**
 * Serves the console and the API of the jobs of a folder, to this machine only.
 * @throws MillraceError `port-in-use`
 */
export async function serveFolder({
  dir,
  port = 0,
  assets = () => undefined,
}: ServeFolder): Promise<ServedFolder> {
  const token = randomBytes(tokenBytes).toString("hex");
  const ports = durablePorts(dir);
  const api = createApi(
    { ports, jobs: async () => await jobsInFolder(dir), allowWrites: true },
    { before: [browserPolicy, loopbackGuard({ token }), consolePage({ assets, token })] },
  );
  const server = createAdaptorServer({ fetch: api.fetch, overrideGlobalObjects: false });
  const close = async (): Promise<void> => {
    if ("closeAllConnections" in server) server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    ports.close();
  };
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
  } catch (thrown) {
    await close();
    throw (thrown as NodeJS.ErrnoException).code === "EADDRINUSE" ? portInUse(port) : thrown;
  }
  const { port: taken } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${taken}/`, close };
}

const portInUse = (port: number): Error =>
  deploymentError("port-in-use", {
    message: `Something else listens at port ${port} of this machine.`,
    next: "Give another --port, or none: then one is taken that is free.",
  });
