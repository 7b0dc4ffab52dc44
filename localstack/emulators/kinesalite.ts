import { join } from "node:path";
import { type ChildServer, freePort, startChildServer } from "./child-server.ts";
import { npmInstall } from "./npm-install.ts";

const files = join(import.meta.dirname, "kinesalite");

/** kinesalite, in memory: many times faster than kinesis-local, with all the calls that a job makes. */
export async function startKinesalite(port?: number): Promise<ChildServer> {
  const modules = await npmInstall("kinesalite", files, "npm");
  const listening = port ?? (await freePort());
  const launcher = join(files, "on-loopback.cjs");
  return await startChildServer({
    name: "kinesalite 3.3.3",
    command: process.execPath,
    args: [launcher, String(listening), join(modules, "kinesalite")],
    port: listening,
  });
}
