import { loadBundle, type OpenedJobBundle } from "../dev/index.ts";
import { deploymentError, isMillraceError } from "../runtime/errors/millrace-error.ts";
import { readGeneration } from "../runtime/job/generation.ts";
import { compareStates } from "../runtime/plan/compare-states.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { savedStatesOf } from "../runtime/plan/saved-states.ts";
import {
  listCheckpoints,
  type Manifest,
  readManifest,
  resolveReference,
} from "../runtime/savepoints/index.ts";
import type { DevOptions } from "./dev-options.ts";
import { openStore } from "./open-store.ts";

/** A run that could do nothing is not taken for one that did. @throws MillraceError `job-ended` */
export function refuseEnded({ plan, before, dir }: OpenedJobBundle): void {
  if (before?.ended !== true) return;
  throw deploymentError("job-ended", {
    message: `Job "${plan.job}" has ended before in the folder ${dir}: its streams are over, and all is delivered.`,
    next: `See what it gave with millrace rows --dir ${dir}. To start anew, give another --dir or remove the folder.`,
  });
}

/** Says which way leads on from a folder with the state of another version of the job; any other error is passed on. */
export async function withWayOn(
  thrown: unknown,
  options: DevOptions,
  bundleFile: string,
): Promise<unknown> {
  const { dir } = options;
  if (!isMillraceError(thrown) || thrown.code !== "plan-changed" || dir === undefined)
    return thrown;
  const message = thrown.message
    .slice(0, thrown.message.length - (thrown.next?.length ?? 0))
    .trimEnd();
  return deploymentError("plan-changed", {
    message,
    next: await wayOn(options, dir, (await loadBundle(bundleFile)).plan),
    cause: thrown,
  });
}

async function wayOn({ jobFile, name }: DevOptions, dir: string, plan: Plan): Promise<string> {
  const { job } = plan;
  const named = name === undefined ? "" : ` --name ${name}`;
  const { ports, close } = await openStore({ kind: "embedded", dir });
  try {
    if ((await listCheckpoints(ports, job)).length === 0)
      return (await readGeneration(ports, job))?.ended === true
        ? `It has ended, and left no checkpoint to go on from: ${anew}.`
        : `There is no checkpoint to go on from: run the job as it was, and while it runs millrace savepoint take --dir ${dir}; or ${anew}.`;
    const key = await resolveReference(ports, { job, reference: "latest" });
    const { state, next } = fitOf(await readManifest(ports.objects, key), plan);
    if (state === "incompatible") return `${next}\n  Or run the job as it was, or ${anew}.`;
    const left = state === "fits" ? "" : " --allow-non-restored-state";
    const and = state === "fits" ? "" : ` ${next}`;
    return `To go on with its state: millrace restore latest ${jobFile}${named} --dir ${dir}${left}, and the same command again.${and} Or run the job as it was, or ${anew}.`;
  } finally {
    close();
  }
}

const anew = "give another --dir to start without its state";

interface Fit {
  readonly state: "fits" | "left behind" | "incompatible";
  /** Why it doesn't fit whole. */
  readonly next: string;
}

function fitOf(manifest: Manifest, plan: Plan): Fit {
  try {
    compareStates(savedStatesOf(manifest.plan), plan, { allowNonRestoredState: false });
    return { state: "fits", next: "" };
  } catch (thrown) {
    if (!isMillraceError(thrown)) throw thrown;
    const isLeft = thrown.code === "state-not-restored";
    return { state: isLeft ? "left behind" : "incompatible", next: thrown.message };
  }
}
