import { serveFolder } from "../console/serve-folder.ts";
import { checkStore } from "../runtime/embedded/jobs-in-folder.ts";
import type { ConsoleGiven } from "./commands/console.ts";
import { consoleLine } from "./progress-text.ts";
import { onStopSignals } from "./stop-signals.ts";

/** `millrace console`: serves a folder's jobs until it is stopped. Answers the exit code. */
export async function consoleCommand({ values: { dir, port } }: ConsoleGiven): Promise<number> {
  checkStore(dir);
  const stopping = new AbortController();
  const release = onStopSignals(() => stopping.abort());
  try {
    const { url, close } = await serveFolder({ dir, ...(port !== undefined && { port }) });
    process.stdout.write(`${consoleLine(url)}\n`);
    await new Promise((resolve) =>
      stopping.signal.addEventListener("abort", resolve, { once: true }),
    );
    await close();
    return 0;
  } finally {
    release();
  }
}
