import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { type ChildServer, freePort, startChildServer } from "./child-server.ts";
import { installOnce, runTool } from "./install-once.ts";

const files = join(import.meta.dirname, "dynamodb-local");
const pins = ["pom.xml", "OnLoopback.java"];

/** AWS's own emulator of DynamoDB, in memory. Needs Maven, and a JDK of 17 or later. */
export async function startDynamodbLocal(port?: number): Promise<ChildServer> {
  const folder = await installDynamodbLocal();
  const listening = port ?? (await freePort());
  return await startChildServer({
    name: "DynamoDB Local 2.6.1",
    command: "java",
    args: [
      "-Xmx1g",
      `-Djava.library.path=${join(folder, "lib")}`,
      "-cp",
      [join(folder, "classes"), join(folder, "lib", "*")].join(":"),
      "OnLoopback",
      "-port",
      String(listening),
      "-inMemory",
      "-sharedDb",
      "-disableTelemetry",
    ],
    port: listening,
  });
}

/** Answers a folder with its jars in `lib` and the launcher in `classes`. */
export function installDynamodbLocal(): Promise<string> {
  return installOnce({
    name: "dynamodb-local",
    pins: pins.map((pin) => join(files, pin)),
    needs: "Maven and a JDK of 17 or later",
    install,
  });
}

async function install(into: string): Promise<void> {
  for (const pin of pins) await copyFile(join(files, pin), join(into, pin));
  const copy = ["dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=lib"];
  await runTool({ command: "mvn", args: ["-q", "-B", ...copy], cwd: into });
  const compile = ["-cp", join("lib", "*"), "-d", "classes", "OnLoopback.java"];
  await runTool({ command: "javac", args: compile, cwd: into });
}
