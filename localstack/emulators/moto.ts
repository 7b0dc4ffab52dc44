import { join } from "node:path";
import { type ChildServer, freePort, startChildServer } from "./child-server.ts";
import { installOnce, runTool } from "./install-once.ts";

const files = join(import.meta.dirname, "moto");

/** moto's server, of which S3 and CloudFormation are used; in memory. Needs Python 3.9 or later with venv. */
export async function startMoto(port?: number): Promise<ChildServer> {
  const requirements = join(files, "requirements.txt");
  const folder = await installOnce({
    name: "moto",
    pins: [requirements],
    needs: "Python 3.9 or later with venv",
    install: async (into) => {
      await runTool({ command: "python3", args: ["-m", "venv", "venv"], cwd: into });
      const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "-r", requirements];
      await runTool({ command: join(into, "venv", "bin", "python"), args: pip, cwd: into });
    },
  });
  const listening = port ?? (await freePort());
  return await startChildServer({
    name: "moto 5.2.5",
    command: join(folder, "venv", "bin", "python"),
    args: [join(files, "on_loopback.py"), String(listening)],
    env: { MOTO_ACCOUNT_ID: "000000000000" },
    port: listening,
  });
}
