import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { root } from "../unit/tidy/sources.ts";

export interface JobProcess {
  /** Of the console, as it was printed. */
  readonly url: string;
  /** Puts lines into the job's stream. */
  feed(lines: readonly string[]): Promise<void>;
  /** Its exit code, once it has ended. */
  readonly over: Promise<number | null>;
  /** `kill -9` */
  kill(): Promise<void>;
}

export interface JobProcessOptions {
  /** From the root of the repository. */
  readonly file: string;
  readonly dir: string;
  readonly stream: string;
  /** Of the console. Default: one that is free. */
  readonly port?: string;
  /** Further arguments of `millrace dev`. */
  readonly args?: readonly string[];
  /** Lines that an earlier process was fed with: it is given them again, and passes over them. */
  readonly fed?: readonly string[];
}

/** `millrace dev` as a process of its own that can be killed, with an input that doesn't end. */
export async function startJobProcess(options: JobProcessOptions): Promise<JobProcess> {
  const { file, dir, stream, port = "0", args = [], fed = [] } = options;
  const input = ["--input", `${stream}=-`, "--no-end", "--port", port, "--allow-dead-letters"];
  const child = spawn(
    process.execPath,
    [join(root, "cli/millrace.ts"), "dev", file, "--dir", dir, ...input, ...args],
    { cwd: root, stdio: ["pipe", "pipe", "pipe"] },
  );
  let said = "";
  const url = new Promise<string>((resolve, reject) => {
    const listen = (text: string): void => {
      said += text;
      const found = /http:\/\/127\.0\.0\.1:\d+\//.exec(said)?.[0];
      if (found !== undefined) resolve(found);
    };
    child.stdout.setEncoding("utf8").on("data", listen);
    child.stderr.setEncoding("utf8").on("data", listen);
    child.once("exit", () => reject(new Error(`The job has ended:\n${said}`)));
  });
  const ended = once(child, "exit") as Promise<[number | null]>;
  const feed = async (lines: readonly string[]): Promise<void> => {
    const text = lines.map((line) => `${line}\n`).join("");
    if (!child.stdin.write(text)) await once(child.stdin, "drain");
  };
  // Killed, it reads nothing more.
  child.stdin.on("error", () => {});
  if (fed.length > 0) await feed(fed);
  return {
    url: await url,
    feed,
    over: ended.then(([exitCode]) => exitCode),
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}
