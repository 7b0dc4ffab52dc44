import { startConsole } from "../console/start-console.ts";
import type { DevOptions } from "./dev-options.ts";
import type { ProgressView } from "./progress-view.ts";

/** The console of a run, where one is served. */
export interface DevConsole {
  /** Resolves when it is served, or none is. @throws MillraceError `port-in-use` */
  readonly ready: Promise<void>;
  readonly close: () => Promise<void>;
}

/** Serves the console of a folder beside the run, and says where. */
export function devConsole(
  dir: string,
  { consolePort, origins }: Pick<DevOptions, "consolePort" | "origins">,
  view: ProgressView,
): DevConsole {
  if (consolePort === undefined) return { ready: Promise.resolve(), close: async () => {} };
  const { url, close } = startConsole({ dir, port: consolePort, origins });
  let isOver = false;
  const ready = url.then(view.console).catch((thrown: unknown) => {
    // A run that is over has no need of it any more.
    if (!isOver) throw thrown;
  });
  return {
    ready,
    close: async () => {
      isOver = true;
      await close();
    },
  };
}
