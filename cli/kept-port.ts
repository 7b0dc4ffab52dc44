import { type AddressInfo, createServer } from "node:net";
import type { DevGiven } from "./commands/dev.ts";
import { consolePortOf } from "./dev-options.ts";

/** The same with a port for the console that is free now: where a job is begun anew again and again, its address stays. */
export async function withKeptPort(given: DevGiven): Promise<DevGiven> {
  if (consolePortOf(given.values) !== 0) return given;
  return { ...given, values: { ...given.values, port: await freePort() } };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
