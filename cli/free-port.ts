import { type AddressInfo, createServer } from "node:net";
import { portInUse } from "../console/port-in-use.ts";

/** One that is free now. */
export const freePort = async (): Promise<number> => await listened(0);

/**
 * A run that is short would be over before its console were missed.
 * @throws MillraceError `port-in-use`
 */
export async function checkPort(port: number): Promise<void> {
  await listened(port);
}

/** Takes a port and leaves it again. */
async function listened(asked: number): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (thrown: NodeJS.ErrnoException) =>
      reject(thrown.code === "EADDRINUSE" ? portInUse(asked) : thrown),
    );
    server.listen(asked, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
