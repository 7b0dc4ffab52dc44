import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { deploymentError, jobError, MillraceError } from "../runtime/errors/millrace-error.ts";
import type { ErrorDetail, ErrorDomain } from "../runtime/errors/millrace-error.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { bundleJob } from "./bundle-job.ts";
import { areAsBefore, type Inputs, inputsOf } from "./bundle-inputs.ts";

export interface LoadPlanOptions {
  /** After this long a job that is still being loaded is given up. Default: 30,000 ms. */
  readonly timeoutMs?: number;
  /** Name of the job. Default: the one that it gives itself. */
  readonly name?: string;
  /** Told of the files that the job is made of, as absolute paths, also where it can't be loaded then. */
  readonly onBundled?: (files: readonly string[]) => void;
}

/** A plan that was loaded, and what it depends on: an app with a stack for each stage asks for the same one again and again. */
interface Loaded {
  readonly inputs: Inputs;
  readonly environment: string;
  readonly plan: Plan;
}

const loadedBefore = new Map<string, Loaded>();

/**
 * The plan of the job that a file exports. The job is loaded in a process of its own: what it prints, leaves open or
 * waits for in vain doesn't touch this one. As long as neither one of its files nor an environment variable changes, it is loaded once.
 * @throws what {@link bundleJob} throws; `job-not-exported`; the planner's errors; `job-not-loaded`.
 */
export function loadPlan(entry: string, options: LoadPlanOptions = {}): Plan {
  const { timeoutMs = 30_000, name, onBundled = () => {} } = options;
  const job = JSON.stringify([resolve(entry), name]);
  const environment = JSON.stringify(process.env);
  const before = loadedBefore.get(job);
  if (before?.environment === environment && areAsBefore(before.inputs)) {
    onBundled([...before.inputs.keys()]);
    return before.plan;
  }
  const folder = mkdtempSync(join(tmpdir(), "millrace-plan-"));
  try {
    const { file, metafile } = bundleJob({
      entry,
      kind: "plan",
      outfile: join(folder, "plan.mjs"),
      ...(name === undefined ? {} : { name }),
    });
    const inputs = inputsOf(metafile);
    onBundled([...inputs.keys()]);
    const answerFile = join(folder, "answer.json");
    const stopped = runLoader({ file, answerFile, timeoutMs });
    const answer = readAnswer(answerFile);
    if (answer === undefined) throw notLoaded(entry, stopped);
    if (!("plan" in answer)) throw asError(entry, answer.error);
    loadedBefore.set(job, { inputs, environment, plan: answer.plan });
    return answer.plan;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Answer = { readonly plan: Plan } | { readonly error: LoadFailure };

/** What is left of an error on its way between processes. */
interface LoadFailure extends Omit<ErrorDetail, "cause"> {
  readonly domain?: ErrorDomain;
  readonly code?: string;
  readonly stack?: string;
}

/** Ends by `process.exit`, so that timers and sockets of the job don't keep it alive. */
const loader = `
import { writeFileSync } from "node:fs";
const [, bundle, answerFile] = process.argv;
let answer;
try {
  answer = { plan: (await import(bundle)).plan };
} catch (thrown) {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { message, stack, domain, code, uid, retryable } = error;
  answer = { error: { message, stack, domain, code, uid, retryable } };
}
writeFileSync(answerFile, JSON.stringify(answer));
process.exit(0);
`;

interface LoaderRun {
  readonly file: string;
  readonly answerFile: string;
  readonly timeoutMs: number;
}

/** Says why there may be no answer. */
function runLoader({ file, answerFile, timeoutMs }: LoaderRun): string {
  const flags = ["--enable-source-maps", "--input-type=module", "--eval", loader];
  const run = spawnSync(process.execPath, [...flags, pathToFileURL(file).href, answerFile], {
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    stdio: ["ignore", "ignore", "pipe"],
    encoding: "utf8",
  });
  if (run.error !== undefined && "code" in run.error && run.error.code === "ETIMEDOUT")
    return `it was still being loaded after ${timeoutMs} ms`;
  return `its process ended by itself (exit code ${run.status}): ${run.stderr.trim()}`;
}

function readAnswer(file: string): Answer | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Answer;
  } catch {
    // Absent, or cut off where the process was killed: the caller says why.
    return undefined;
  }
}

const notLoaded = (entry: string, why: string): Error =>
  deploymentError("job-not-loaded", {
    message: `The job in ${entry} was not loaded: ${why}`,
    next: "A job's file only defines the job; let it wait for nothing and end no process.",
  });

/** The job's own errors keep their code; whatever else its code throws while it is loaded gets one. */
function asError(entry: string, failure: LoadFailure): Error {
  const { domain, code, message, uid, retryable = false } = failure;
  if (domain === undefined || code === undefined)
    return jobError("job-code-failed", {
      message: `The job in ${entry} failed while it was being defined: ${failure.stack ?? message}`,
      next: "Mend the code, or what it depends on, at the place that the trace shows.",
    });
  return new MillraceError(domain, code, { message, retryable, ...(uid !== undefined && { uid }) });
}
