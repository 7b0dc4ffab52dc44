import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type ChildServer, freePort, startChildServer } from "./child-server.ts";
import { installOnce, runTool } from "./install-once.ts";

const files = join(import.meta.dirname, "localstack");

/** LocalStack without Docker, of which S3 is used; in memory. Needs Python 3.13 with venv. */
export async function startLocalStack(port?: number): Promise<ChildServer> {
  const listening = port ?? (await freePort());
  const folder = await installLocalStack();
  return await startLocalStackIn({ folder, root: join(folder, `root-${listening}`), listening });
}

/** Answers the folder with LocalStack's `venv`. */
export function installLocalStack(): Promise<string> {
  const requirements = join(files, "requirements.txt");
  return installOnce({
    name: "localstack",
    pins: [requirements],
    needs: "python3.13 with venv",
    install: async (into) => {
      await runTool({ command: "python3.13", args: ["-m", "venv", "venv"], cwd: into, env });
      const pip = ["-m", "pip", "install", "--quiet", "--no-deps", "-r", requirements];
      await runTool({ command: join(into, "venv", "bin", "python"), args: pip, cwd: into });
    },
  });
}

export interface LocalStackOptions {
  /** As it was installed. */
  readonly folder: string;
  /** What is the root of the file system to it. */
  readonly root: string;
  readonly listening: number;
  /** Beside or instead of those that make it serve S3. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function startLocalStackIn(options: LocalStackOptions): Promise<ChildServer> {
  const { folder, root, listening } = options;
  await mkdir(root, { recursive: true });
  return await startChildServer({
    name: "LocalStack 4.14.0",
    command: join(folder, "venv", "bin", "python"),
    args: [join(files, "on_loopback.py")],
    env: {
      GATEWAY_LISTEN: `127.0.0.1:${listening}`,
      FILESYSTEM_ROOT: root,
      SERVICES: "s3",
      OVERRIDE_IN_DOCKER: "0",
      DISABLE_EVENTS: "1",
      SKIP_SSL_CERT_DOWNLOAD: "1",
      DNS_ADDRESS: "0",
      ...options.env,
    },
    endsWithInput: true,
    port: listening,
  });
}

/** Where pyenv has several versions, its `python3.13` runs only if one of them is chosen. */
const env = { PYENV_VERSION: process.env["PYENV_VERSION"] ?? "3.13" };
