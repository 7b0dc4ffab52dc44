import { loadPlan } from "../bundle/index.ts";
import { findRun } from "../http/found-job.ts";
import { explainText } from "../runtime/plan/explain.ts";
import { withJob } from "./checkpoint-command.ts";
import type { DiffGiven } from "./commands/diff.ts";
import { lineChanges } from "./line-changes.ts";
import { servedStore } from "./served-store.ts";
import { stateFault } from "./state-fault.ts";
import { storeOptions } from "./store-options.ts";

/** Another plan, which takes all of the state. */
const otherExitCode = 3;
const faultExitCode = 1;

/** `millrace diff <job.ts>`. Answers the exit code. */
export async function diffCommand({ values, args: [jobFile] }: DiffGiven): Promise<number> {
  const own = loadPlan(jobFile);
  const options = storeOptions({ ...values, job: values.job ?? own.job });
  let exitCode = 0;
  await withJob(options, async (store, job) => {
    // It may run under another name than the file gives it.
    const plan = job === own.job ? own : loadPlan(jobFile, { name: job });
    const { plan: running, generation } = await findRun(servedStore(store, job), job);
    const isSame = running.fingerprint === plan.fingerprint;
    const fault = isSame ? undefined : stateFault(running, plan);
    if (!isSame) exitCode = fault === undefined ? otherExitCode : faultExitCode;
    const changes = lineChanges(explainText(running), explainText(plan));
    const { ended, outcome = "finished" } = generation;
    const about = `generation ${generation.generation} of job ${job}`;
    const state = isSame
      ? ended
        ? `${about} has this very plan, and has ${outcome === "finished" ? "finished" : `been ${outcome}`}: it goes on with a restore, from \`latest\` for instance`
        : `${about} has this very plan: a deployment takes its place at once`
      : fault === undefined
        ? `${about} has another plan, and all of its state has a place in this one: it needs a restore`
        : `${about} has another plan, and its state does not fit: ${fault}`;
    return {
      json: {
        type: "diff",
        job,
        same: isSame,
        running: running.fingerprint,
        plan: plan.fingerprint,
        changes,
        ...(fault && { fault }),
      },
      text: [...changes, state],
    };
  });
  return exitCode;
}
