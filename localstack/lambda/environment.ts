import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { Writable } from "node:stream";
import { messageOf } from "../../runtime/errors/millrace-error.ts";
import { killed } from "../emulators/child-server.ts";
import {
  type InvocationResult,
  type OnStream,
  type RuntimeApi,
  serveRuntimeApi,
} from "./runtime-api.ts";

/** A function as it was deployed. */
export interface FunctionConfiguration {
  readonly name: string;
  readonly arn: string;
  /** Folder with the code. */
  readonly codeFolder: string;
  /** `file.export`, for example `index.handler`. */
  readonly handler: string;
  readonly variables: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly memoryMiB: number;
}

export interface EnvironmentOptions {
  readonly configuration: FunctionConfiguration;
  /** `index.mjs` of the runtime client. */
  readonly runtimeClient: string;
  /** Gets what the function prints. */
  readonly log: Writable;
}

/** A warm execution environment: one process, one invocation at a time. */
export interface Environment {
  readonly pid: number;
  /** From the start of the process until the runtime asked for its first event. */
  readonly coldStartMs: number;
  readonly isAlive: () => boolean;
  /** What Lambda's Invoke would answer; an environment that was cut off is dead afterwards. */
  invoke(request: EnvironmentInvocation): Promise<InvocationResult>;
  /** Kills the process, in the midst of whatever it does. */
  kill(): Promise<void>;
}

export interface EnvironmentInvocation {
  readonly requestId: string;
  readonly payload: string;
  /** Takes an answer that is streamed. Default: it is collected. */
  readonly onStream?: OnStream | undefined;
}

/** Lambda gives ten seconds to load the code (AWS Lambda developer guide, "Lambda runtime environment lifecycle"). */
const initTimeoutMs = 10_000;

/** Starts a process with the function's code under the real runtime client. Rejects if the code can't be loaded. */
export async function startEnvironment(options: EnvironmentOptions): Promise<Environment> {
  const startedMs = performance.now();
  const runtime = await serveRuntimeApi();
  const child = startRuntime(options, runtime.address);
  const gone = once(child, "exit").then(() => `${child.signalCode ?? child.exitCode}`);
  // A loaded machine is slower than Lambda: what a function may take for a batch, it may take to start.
  const patienceMs = Math.max(initTimeoutMs, options.configuration.timeoutMs);
  const patience = new AbortController();
  const failure = await Promise.race([
    runtime.initialized.then(
      () => undefined,
      (thrown: unknown) => messageOf(thrown),
    ),
    gone.then((how) => `its process ended (${how})`),
    wait(patienceMs, `it was still being loaded after ${patienceMs} ms`, {
      signal: patience.signal,
    }),
  ]);
  patience.abort();
  if (failure !== undefined) {
    runtime.close();
    await killed(child);
    throw new Error(`${options.configuration.name} could not be started: ${failure}`);
  }
  void gone.then(() => runtime.close());
  const { configuration } = options;
  return {
    pid: child.pid!,
    coldStartMs: Math.round(performance.now() - startedMs),
    isAlive: () => child.exitCode === null && child.signalCode === null,
    invoke: (request) => invokeUntilDeadline({ child, gone, runtime, configuration }, request),
    kill: () => killed(child),
  };
}

function startRuntime(
  { configuration, runtimeClient, log }: EnvironmentOptions,
  address: string,
): ChildProcess {
  const { name, codeFolder, handler, variables, memoryMiB } = configuration;
  const child = spawn(
    process.execPath,
    ["--require", join(import.meta.dirname, "end-with-input.cjs"), runtimeClient, handler],
    {
      cwd: codeFolder,
      // Nothing of this process's own environment but where programs are: as in Lambda, a function sees what was deployed.
      env: {
        PATH: process.env["PATH"] ?? "",
        ...variables,
        AWS_LAMBDA_RUNTIME_API: address,
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMiB),
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
        // One for each environment, as in Lambda.
        AWS_LAMBDA_LOG_STREAM_NAME: `local/[$LATEST]${randomUUID().replaceAll("-", "")}`,
        LAMBDA_TASK_ROOT: codeFolder,
        _HANDLER: handler,
      },
      stdio: ["pipe", "pipe", "pipe"],
    },
  );
  child.stdin?.on("error", () => {});
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  return child;
}

interface Running {
  readonly child: ChildProcess;
  readonly gone: Promise<string>;
  readonly runtime: RuntimeApi;
  readonly configuration: FunctionConfiguration;
}

/** Lambda cuts an environment off at its time-out, and the process is not used again. */
async function invokeUntilDeadline(
  { child, gone, runtime, configuration }: Running,
  { requestId, payload, onStream }: EnvironmentInvocation,
): Promise<InvocationResult> {
  const { arn, timeoutMs } = configuration;
  const patience = new AbortController();
  const timedOut = wait(timeoutMs, undefined, { signal: patience.signal });
  // It is aborted where the function was faster.
  timedOut.catch(() => {});
  const deadlineMs = Date.now() + timeoutMs;
  try {
    const result = await Promise.race([
      runtime.invoke({ requestId, functionArn: arn, payload, deadlineMs, onStream }),
      timedOut,
      gone.then((how) =>
        failed({
          errorType: "Runtime.ExitError",
          errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${how}`,
        }),
      ),
    ]);
    if (result !== undefined) return result;
  } finally {
    patience.abort();
  }
  await killed(child);
  return failed({
    errorType: "Sandbox.Timedout",
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1_000).toFixed(2)} seconds`,
  });
}

const failed = (error: {
  readonly errorType: string;
  readonly errorMessage: string;
}): InvocationResult => ({
  functionError: "Unhandled",
  payload: JSON.stringify(error),
});
