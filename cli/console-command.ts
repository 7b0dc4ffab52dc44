import { serveFolder } from "../console/serve-folder.ts";
import { serveDeployed } from "../console/serve-deployed.ts";
import type { ServedConsole } from "../console/serve-here.ts";
import { serveStore } from "../console/serve-store.ts";
import { deployedPace } from "../http/served-store.ts";
import { checkStore } from "../runtime/embedded/jobs-in-folder.ts";
import type { ConsoleGiven } from "./commands/console.ts";
import { deployedApi } from "./deployed-api.ts";
import { jobOfStore, openStore } from "./open-store.ts";
import { putAgainTo } from "./put-again-to.ts";
import { consoleLine } from "./progress-text.ts";
import { resultTables } from "./result-table.ts";
import { stopSignal } from "./stop-signals.ts";

/** `millrace console`: serves a folder's jobs, or a deployed one, until it is stopped. Answers the exit code. */
export async function consoleCommand({ values }: ConsoleGiven): Promise<number> {
  const served = await serve(values);
  const { stopped, release } = stopSignal();
  try {
    process.stdout.write(`${consoleLine(served.url)}\n`);
    await stopped;
    return 0;
  } finally {
    release();
    await served.close();
  }
}

async function serve({
  port,
  profile,
  "allow-origin": origins,
  ...values
}: ConsoleGiven["values"]): Promise<ServedConsole> {
  if (profile !== undefined) process.env["AWS_PROFILE"] = profile;
  const at = { origins, ...(port !== undefined && { port }) };
  const api = await deployedApi(values);
  if (api !== undefined) return await serveDeployed({ api, ...at });
  const tables = resultTables(values);
  const { place } = tables;
  if (place.kind === "embedded") {
    checkStore(place.dir);
    return await serveFolder({ dir: place.dir, ...at });
  }
  const job = await jobOfStore(tables);
  const { ports, close } = await openStore(place);
  const tableName = (table: string): string => tables.names[table] ?? table;
  const store = {
    ports,
    jobs: async () => [job],
    allowWrites: true,
    tableName,
    putAgain: putAgainTo({ ...values, job }),
    ...deployedPace,
  };
  const served = await serveStore({ store, ...at });
  return { url: served.url, close: async () => await served.close().finally(close) };
}
