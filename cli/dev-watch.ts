import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { loadPlan } from "../bundle/index.ts";
import { temporaryFolder } from "../dev/temporary-folder.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { readGeneration } from "../runtime/job/generation.ts";
import type { DevGiven } from "./commands/dev.ts";
import { type ApartRun, runCommandApart, startRun } from "./dev-apart.ts";
import { consolePortOf, devOptions } from "./dev-options.ts";
import { usageExitCode } from "./exit-codes.ts";
import { freePort } from "./free-port.ts";
import { checkInputFiles } from "./inputs.ts";
import { openStore } from "./open-store.ts";
import { errorText } from "./show-error.ts";
import { stateFault } from "./state-fault.ts";
import { interruptedExitCode, stopSignal } from "./stop-signals.ts";
import { type WatchedFiles, watchedFiles } from "./watched-files.ts";

/** Runs a job, and its next version whenever one of its files changes, until it is stopped. Answers the exit code. */
export async function devWatch(asked: DevGiven): Promise<number> {
  // What is wrong with the words themselves no change of a file mends.
  checkInputFiles(devOptions(asked).inputs);
  const given = await withKeptPort(asked);
  const { stopped, release } = stopSignal();
  const files = watchedFiles();
  try {
    let watched: Watched = { given, dir: given.values.dir ?? temporaryFolder("run") };
    watched = await started(watched, load(watched, files));
    for (let isFirst = true; ; isFirst = false) {
      const { run } = watched;
      const what = await Promise.race([
        stopped.then(() => "stop" as const),
        files.changed().then(() => "changed" as const),
        ...(run === undefined ? [] : [run.end.then(() => "ended" as const)]),
      ]);
      if (what === "stop") return await stoppedRun(run);
      if (what === "ended") {
        // Nothing of the job has run: it is the command that is wrong.
        if (isFirst && (await run?.end) === usageExitCode) return usageExitCode;
        say("waiting for a change of the job's files; Ctrl-C ends");
        watched = withoutRun(watched);
      } else watched = await changed(watched, files);
    }
  } finally {
    release();
    files.close();
  }
}

/** The same with a port for the console that is free now: where a job is begun anew again and again, its address stays. */
async function withKeptPort(given: DevGiven): Promise<DevGiven> {
  if (consolePortOf(given.values) !== 0) return given;
  return { ...given, values: { ...given.values, port: await freePort() } };
}

/** The job as it runs. */
interface Watched {
  readonly given: DevGiven;
  /** Where it runs: a folder of the user's, or one that goes. */
  readonly dir: string;
  /** Absent where it is over. */
  readonly run?: ApartRun;
  /** Of the version that ran last; absent where none could be loaded. */
  readonly plan?: Plan;
}

async function stoppedRun(run: ApartRun | undefined): Promise<number> {
  if (run === undefined) return interruptedExitCode;
  run.stop();
  return await run.end;
}

const withoutRun = ({ run: _, ...others }: Watched): Watched => others;

/** What stands between two runs is said where errors are. */
const say = (text: string): void => void process.stderr.write(`watch: ${text}\n`);

/** The version that the files hold now; undefined where they hold none, which is said. */
function load({ given }: Watched, files: WatchedFiles): Plan | undefined {
  const [jobFile] = given.args;
  const { name } = given.values;
  // What is wrong may be in any of the files that the last one was made of.
  let looked: readonly string[] = [...new Set([...files.files(), resolve(jobFile)])];
  try {
    const onBundled = (inputs: readonly string[]): void => {
      looked = inputs.filter((file) => !isOfPackage(file));
    };
    return loadPlan(jobFile, { onBundled, ...(name === undefined ? {} : { name }) });
  } catch (thrown) {
    process.stderr.write(`${errorText(thrown)}\n`);
    return undefined;
  } finally {
    files.set(looked.filter((file) => existsSync(dirname(file))));
  }
}

const isOfPackage = (file: string): boolean => /[/\\]node_modules[/\\]/.test(file);

async function changed(watched: Watched, files: WatchedFiles): Promise<Watched> {
  const { run, plan } = watched;
  const version = load(watched, files);
  if (run === undefined) return await started(watched, version);
  if (version === undefined) {
    say("the job goes on as it was");
    return watched;
  }
  if (plan !== undefined && plan.fingerprint !== version.fingerprint) {
    const fault = stateFault(plan, version);
    if (fault !== undefined) {
      say(`the job goes on as it was: ${fault}\n  ${wayOn(watched)}`);
      return watched;
    }
    say("the plan is another one, and takes the state over: the job is stopped with a savepoint");
    const { exitCode, text } = await runCommandApart(["stop", ...placeWords(watched, plan)]);
    if (exitCode !== 0) say(text.trimEnd());
  } else say("the job's files have changed");
  run.stop();
  await run.end;
  return await started(withoutRun(watched), version);
}

function wayOn({ given: { args, values }, dir }: Watched): string {
  if (values.dir === undefined) return "Or end it with Ctrl-C, and begin anew without its state.";
  return `Or end it with Ctrl-C and give another --dir to begin without its state; millrace restore latest ${args[0]} --dir ${dir} --allow-non-restored-state leaves behind what the new version has no place for.`;
}

const placeWords = ({ dir }: Watched, { job }: Plan): readonly string[] => [
  "--dir",
  dir,
  "--job",
  job,
];

/** Begins a run of a version where there is one, and its folder's state is one that it takes. */
async function started(watched: Watched, plan: Plan | undefined): Promise<Watched> {
  if (plan === undefined) {
    say("waiting for a change of the job's files; Ctrl-C ends");
    return watched;
  }
  const { given } = watched;
  const before = await generationIn(watched, plan);
  const isOver = before?.outcome === "finished" && given.values.dir === undefined;
  const dir = isOver ? temporaryFolder("run") : watched.dir;
  const isOther = before !== undefined && before.plan !== plan.fingerprint;
  if (before?.outcome !== "finished" && (before?.outcome === "stopped" || isOther)) {
    const name = given.values.name === undefined ? [] : ["--name", given.values.name];
    const words = ["restore", "latest", given.args[0], ...placeWords(watched, plan), ...name];
    const { exitCode, text } = await runCommandApart(words);
    say(text.trimEnd());
    if (exitCode !== 0) return watched;
  }
  const values = { ...given.values, dir };
  return { ...watched, dir, plan, run: startRun({ ...given, values }) };
}

/** The newest of the job's in its folder; undefined where none has begun. */
async function generationIn({ dir }: Watched, { job }: Plan) {
  if (!existsSync(join(dir, "millrace.db"))) return undefined;
  const { ports, close } = await openStore({ kind: "embedded", dir });
  try {
    return await readGeneration(ports, job);
  } finally {
    close();
  }
}
