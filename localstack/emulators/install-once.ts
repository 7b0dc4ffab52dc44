import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packageFolder } from "../../bundle/package-folder.ts";
import { deploymentError, messageOf } from "../../runtime/errors/millrace-error.ts";

export interface InstallOptions {
  readonly name: string;
  /** Files that pin what is installed: another content is another installation. */
  readonly pins: readonly string[];
  /** What is needed on this machine, for messages. */
  readonly needs: string;
  /** Installs into an empty folder; the folder may be moved afterwards. */
  readonly install: (folder: string) => Promise<void>;
}

/** Where installations are kept: CI's cache, or a folder that git ignores. */
const cacheFolder = join(process.env["CI_CACHE"] ?? join(packageFolder, ".millrace"), "localstack");

/**
 * The folder of an installation, which is made once.
 * @throws deployment error `emulator-not-installed`
 */
export async function installOnce(options: InstallOptions): Promise<string> {
  const { name, pins, needs, install } = options;
  const hash = createHash("sha256");
  for (const pin of pins) hash.update(await readFile(pin));
  const folder = join(cacheFolder, `${name}-${hash.digest("hex").slice(0, 12)}`);
  if (existsSync(join(folder, "installed"))) return folder;
  await mkdir(cacheFolder, { recursive: true });
  const fresh = await mkdtemp(join(cacheFolder, `.${name}-`));
  try {
    await install(fresh);
    await writeFile(join(fresh, "installed"), "");
    await moveTo(fresh, folder);
  } catch (cause) {
    throw deploymentError("emulator-not-installed", {
      message: `${name} could not be installed: ${messageOf(cause)}`,
      next: `It needs ${needs}, and the package registry that belongs to it.`,
      cause,
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
  return folder;
}

/** Another process may have been faster: what it installed is as good. */
async function moveTo(fresh: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  await rename(fresh, folder).catch((thrown: unknown) => {
    if (!existsSync(join(folder, "installed"))) throw thrown;
  });
}

export interface ToolRun {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** Beside this process's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a tool to its end; rejects with the end of what it printed if that is not a success. */
export function runTool({ command, args, cwd, env }: ToolRun): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let printed = "";
    const keep = (chunk: Buffer): void =>
      void (printed = (printed + chunk.toString()).slice(-2_000));
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.on("error", reject);
    child.on("close", (code) =>
      code === 0
        ? resolve()
        : reject(new Error(`${command} ended with ${code}: ${printed.trim()}`)),
    );
  });
}
