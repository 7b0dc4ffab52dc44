import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { SlotProgress } from "millrace/dev";

export interface SupervisedRun {
  readonly killedAtFraction: number;
  readonly killedAfterCommits: number;
  readonly commits: number;
  readonly recoverySeconds: number;
  readonly stateBytes: number;
}

export interface SuperviseOptions {
  readonly dir: string;
  readonly workers: number;
  readonly rows: number;
  /** Kills the child once this fraction of the rows was taken; absent: never. */
  readonly killAtFraction: number;
  readonly progress: () => Promise<readonly SlotProgress[]>;
  readonly onKilled: (commits: number) => void;
}

const cli = fileURLToPath(new URL("../../cli/millrace.ts", import.meta.url));
const jobFile = fileURLToPath(new URL("job.ts", import.meta.url));
const pollMs = 100;

/** Runs the job in a child process, kills that once in the middle with SIGKILL, and starts it again. */
export async function superviseRun(options: SuperviseOptions): Promise<SupervisedRun> {
  const seen: Seen = { stateBytes: 0, commits: 0, fraction: 0 };
  const watch = watcher(options, seen);
  const first = startChild(options);
  const firstEnd = exitOf(first);
  await watch(firstEnd, () => seen.fraction >= options.killAtFraction);
  const killedMs = performance.now();
  first.kill("SIGKILL");
  if ((await firstEnd) !== "SIGKILL") throw new Error("The child ended before it could be killed.");
  // What it committed up to the kill: only what comes after that is recovery.
  note(seen, await options.progress(), options.rows);
  const [killedAfterCommits, killedAtFraction] = [seen.commits, seen.fraction];
  options.onKilled(killedAfterCommits);
  const secondEnd = exitOf(startChild(options));
  await watch(secondEnd, () => seen.commits > killedAfterCommits);
  const recoverySeconds = (performance.now() - killedMs) / 1_000;
  await watch(secondEnd, () => false);
  const end = await secondEnd;
  if (end !== 0) throw new Error(`The restarted child ended with ${end}.`);
  note(seen, await options.progress(), options.rows);
  return {
    killedAtFraction,
    killedAfterCommits,
    commits: seen.commits,
    recoverySeconds,
    stateBytes: seen.stateBytes,
  };
}

function startChild({ dir, workers }: SuperviseOptions): ChildProcess {
  const args = [cli, "dev", jobFile, "--dir", dir, "--workers", String(workers), "--quiet"];
  // One flight of the file can't be read: the report counts it.
  args.push("--allow-dead-letters");
  // It shows its progress on our terminal.
  return spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit"] });
}

/** The child's exit code, or the signal that ended it. */
function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(signal ?? code ?? 1));
  });
}

interface Seen {
  stateBytes: number;
  commits: number;
  fraction: number;
}

/** Follows the progress rows until the child has ended or something has been seen. */
function watcher(options: SuperviseOptions, seen: Seen) {
  return async (end: Promise<unknown>, isEnough: () => boolean): Promise<void> => {
    let ended = false;
    const noteEnd = end.finally(() => {
      ended = true;
    });
    while (!ended) {
      const slots = await options.progress();
      note(seen, slots, options.rows);
      if (isEnough()) return;
      await Promise.race([noteEnd, new Promise((resolve) => setTimeout(resolve, pollMs))]);
    }
  };
}

function note(seen: Seen, slots: readonly SlotProgress[], rows: number): void {
  seen.commits = slots.reduce((sum, slot) => sum + slot.version, 0);
  seen.stateBytes = Math.max(
    seen.stateBytes,
    slots.reduce((sum, slot) => sum + slot.stateBytes, 0),
  );
  const taken = slots.reduce(
    (sum, slot) => sum + (slot.slot.startsWith("flights/") ? slot.counters.records : 0),
    0,
  );
  seen.fraction = taken / rows;
}
