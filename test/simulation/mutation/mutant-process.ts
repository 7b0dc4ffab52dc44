import { fork } from "node:child_process";
import type { MutantMessage, RunOrder, SeedFailure } from "./mutant-messages.ts";

export interface ProcessRun {
  readonly failed?: SeedFailure;
  /** The last seed that was run. */
  readonly seed: number;
}

export interface ProcessLimits {
  /** All seeds together. */
  readonly budgetMs: number;
  /** One seed: what takes longer never ends. */
  readonly hangMs: number;
}

/** Runs a bundled simulator in a process of its own, until a seed fails, the order is done or the time is over. */
export function runProcess(
  bundle: string,
  order: RunOrder,
  { budgetMs, hangMs }: ProcessLimits,
): Promise<ProcessRun> {
  return new Promise((resolve) => {
    const child = fork(bundle, [], { stdio: ["ignore", "ignore", "pipe", "ipc"] });
    const beganMs = performance.now();
    let seed = order.first - 1;
    let heardMs = beganMs;
    let errors = "";
    const end = (run: ProcessRun): void => {
      clearInterval(watch);
      child.kill("SIGKILL");
      resolve(run);
    };
    const broken = (failure: string): ProcessRun => ({
      failed: { seed: seed + 1, shape: shapeAt(order, seed + 1), failure },
      seed: seed + 1,
    });
    const watch = setInterval(() => {
      const nowMs = performance.now();
      if (nowMs - heardMs > hangMs) end(broken(`the run does not end within ${hangMs / 1_000} s`));
      else if (nowMs - beganMs > budgetMs) end({ seed });
    }, 100);
    child.stderr?.on("data", (data) => {
      errors = `${errors}${String(data)}`.slice(-4_000);
    });
    child.on("message", (message: MutantMessage) => {
      heardMs = performance.now();
      if (message.kind === "done") return end({ seed });
      seed = message.seed;
      if (message.kind === "failed") {
        const { kind: _, ...failed } = message;
        end({ failed, seed });
      }
    });
    child.on("exit", (code) => end(broken(`the process ends with ${code}: ${errors.trim()}`)));
    child.send(order);
  });
}

function shapeAt({ shapes }: RunOrder, seed: number): string {
  return shapes.length === 0 ? "?" : (shapes[(seed - 1) % shapes.length] as string);
}
