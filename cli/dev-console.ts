import { type StartedConsole, startConsole } from "../console/start-console.ts";
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
  { consolePort }: Pick<DevOptions, "consolePort">,
  view: ProgressView,
): DevConsole {
  if (consolePort === undefined) return { ready: Promise.resolve(), close: async () => {} };
  const starting: Promise<StartedConsole> = startConsole({ dir, port: consolePort });
  return {
    ready: starting.then(({ url }) => view.console(url)),
    close: async () => await starting.then(({ close }) => close()).catch(() => {}),
  };
}
