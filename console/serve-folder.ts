import { putAgain, writerBeside } from "../dev/index.ts";
import type { ServedStore } from "../http/served-store.ts";
import { jobsInFolder } from "../runtime/embedded/jobs-in-folder.ts";
import { durablePorts } from "../runtime/embedded/ports.ts";
import type { ServedConsole } from "./serve-here.ts";
import { serveStore, type ServeStore } from "./serve-store.ts";

export interface ServeFolder extends Omit<ServeStore, "store"> {
  /** The folder of `millrace dev`, whether a job runs in it or not. */
  readonly dir: string;
}

/**
 * Serves the console and the API of the jobs of a folder, to this machine only.
 * @throws MillraceError `port-in-use`
 */
export async function serveFolder({ dir, ...options }: ServeFolder): Promise<ServedConsole> {
  const ports = durablePorts(dir);
  const writer = writerBeside(ports);
  const store: ServedStore = {
    ports,
    jobs: async () => await jobsInFolder(dir),
    allowWrites: true,
    putAgain: async (stream, put) => await putAgain({ writer, clock: ports.clock, stream, ...put }),
  };
  try {
    const served = await serveStore({ ...options, store });
    return { url: served.url, close: async () => await served.close().finally(ports.close) };
  } catch (thrown) {
    ports.close();
    throw thrown;
  }
}
