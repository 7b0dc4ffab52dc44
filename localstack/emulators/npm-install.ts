import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { installOnce, runTool } from "./install-once.ts";

const pins = ["package.json", "package-lock.json"];

/** Installs what the package.json and lock file of a folder say, once; answers the folder of `node_modules`. */
export async function npmInstall(name: string, from: string, needs: string): Promise<string> {
  const folder = await installOnce({
    name,
    pins: pins.map((pin) => join(from, pin)),
    needs,
    install: async (into) => {
      for (const pin of pins) await copyFile(join(from, pin), join(into, pin));
      await runTool({ command: "npm", args: ["ci", "--no-audit", "--no-fund"], cwd: into });
    },
  });
  return join(folder, "node_modules");
}
