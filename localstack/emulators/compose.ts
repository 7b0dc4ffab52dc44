import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { deploymentError, messageOf } from "../../runtime/errors/millrace-error.ts";
import { localIdentity } from "./emulators.ts";

/** LocalStack in Docker, as the compose file has it. */
export interface ComposedEmulators {
  readonly url: string;
  /** What leads the AWS SDK there, in any process. */
  readonly variables: Readonly<Record<string, string>>;
  /** Takes the container away, and all that it keeps. */
  stop(): Promise<void>;
}

const file = join(import.meta.dirname, "..", "compose.yaml");
const url = "http://127.0.0.1:4566";
const answerTimeoutMs = 10_000;

/** Whether a Docker engine answers: the program alone is not enough. */
export async function hasDocker(): Promise<boolean> {
  const ends = await Promise.all([
    docker(["info"], { stdio: "ignore", timeoutMs: answerTimeoutMs }),
    docker(["compose", "version"], { stdio: "ignore", timeoutMs: answerTimeoutMs }),
  ]);
  return ends.every((end) => end === "succeeded");
}

/**
 * Starts what the compose file says, and waits until it is healthy. Docker tells of its progress on this terminal.
 * @throws deployment error `emulator-not-started`
 */
export async function startCompose(): Promise<ComposedEmulators> {
  const compose = ["compose", "--file", file];
  const end = await docker([...compose, "up", "--detach", "--wait"], { stdio: "inherit" });
  const stop = async (): Promise<void> =>
    void (await docker([...compose, "down", "--volumes"], { stdio: "inherit" }));
  if (end !== "succeeded") {
    await stop();
    throw deploymentError("emulator-not-started", {
      message: `LocalStack did not start in Docker: docker ${end}.`,
      next: "Look at what Docker printed; or start the emulators without it: npm run localstack -- --no-docker",
    });
  }
  return { url, variables: { ...localIdentity, AWS_ENDPOINT_URL: url }, stop };
}

interface DockerRun {
  readonly stdio: "ignore" | "inherit";
  readonly timeoutMs?: number;
}

/** Answers how it ended, readable. */
async function docker(args: readonly string[], { stdio, timeoutMs }: DockerRun): Promise<string> {
  // A process group of its own: Ctrl-C is for us, who then take the container away.
  const limit = timeoutMs === undefined ? {} : { timeout: timeoutMs };
  const child = spawn("docker", args, { stdio, detached: true, ...limit });
  try {
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    return code === 0 ? "succeeded" : `ended with ${signal ?? code}`;
  } catch (thrown) {
    return `could not be run: ${messageOf(thrown)}`;
  }
}
