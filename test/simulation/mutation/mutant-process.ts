import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
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
  /** One seed's time on a processor, where the system tells: what computes for longer never ends, however busy the machine is. */
  readonly hangProcessorMs: number;
}

/** A bundled simulator in a process of its own, which runs one order after the other: the later ones find its code compiled. */
export interface MutantProcess {
  /** Until a seed fails, the order is done or the time is over. Behind the last two and a failure of the process itself it is dead. */
  run(order: RunOrder, limits: ProcessLimits): Promise<ProcessRun>;
  end(): void;
}

export function startMutant(bundle: string): MutantProcess {
  let child: ChildProcess | undefined;
  const end = (): void => {
    child?.kill("SIGKILL");
    child = undefined;
  };
  const alive = (): ChildProcess => {
    // What a seed allocates dies with it: room for what is young spares a tenth.
    const execArgv = ["--max-semi-space-size=32", "--min-semi-space-size=16"];
    child ??= fork(bundle, [], { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv });
    return child;
  };
  return {
    end,
    async run(order, limits) {
      const { isOver, ...run } = await runOrder(alive(), order, limits);
      if (isOver) end();
      return run;
    },
  };
}

function runOrder(
  child: ChildProcess,
  order: RunOrder,
  { budgetMs, hangMs, hangProcessorMs }: ProcessLimits,
): Promise<ProcessRun & { readonly isOver: boolean }> {
  return new Promise((resolve) => {
    const beganMs = performance.now();
    let seed = order.first - 1;
    let heardMs = beganMs;
    let heardProcessorMs = processorMsOf(child);
    let errors = "";
    const end = (run: ProcessRun, isOver: boolean): void => {
      clearInterval(watch);
      child.off("message", onMessage).off("exit", onExit).stderr?.off("data", onErrors);
      resolve({ ...run, isOver });
    };
    const broken = (failure: string): void =>
      end(
        {
          failed: { seed: seed + 1, shape: shapeAt(order, seed + 1), failure },
          seed: seed + 1,
        },
        true,
      );
    const watch = setInterval(() => {
      const nowMs = performance.now();
      if (nowMs - heardMs > hangMs) broken(`the run does not end within ${hangMs / 1_000} s`);
      else if (processorMsOf(child) - heardProcessorMs > hangProcessorMs)
        broken(`the run does not end within ${hangProcessorMs / 1_000} s of computing`);
      else if (nowMs - beganMs > budgetMs) end({ seed }, true);
    }, 100);
    const onErrors = (data: unknown): void => {
      errors = `${errors}${String(data)}`.slice(-4_000);
    };
    const onMessage = (message: MutantMessage): void => {
      heardMs = performance.now();
      heardProcessorMs = processorMsOf(child);
      if (message.kind === "done") return end({ seed }, false);
      seed = message.seed;
      if (message.kind !== "failed") return;
      const { kind: _, ...failed } = message;
      end({ failed, seed }, false);
    };
    const onExit = (code: number | null): void =>
      broken(`the process ends with ${code}: ${errors.trim()}`);
    child.on("message", onMessage).on("exit", onExit).stderr?.on("data", onErrors);
    child.send(order);
  });
}

/** On Linux; elsewhere 0. In hundredths of a second, as the kernel counts them. */
function processorMsOf({ pid }: ChildProcess): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [user, system] = stat.slice(stat.lastIndexOf(")")).split(" ").slice(12, 14).map(Number);
    return (user! + system!) * 10;
  } catch {
    return 0;
  }
}

function shapeAt({ shapes }: RunOrder, seed: number): string {
  return shapes.length === 0 ? "?" : (shapes[(seed - 1) % shapes.length] as string);
}
