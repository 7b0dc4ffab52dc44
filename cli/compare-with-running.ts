import type { SynthesizedPlan } from "../cdk/synthesized-plan.ts";
import { restoreSteps } from "../cdk/restore-steps.ts";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import { compareStates } from "../runtime/plan/compare-states.ts";
import { savedStatesOf } from "../runtime/plan/saved-states.ts";
import type { Ports } from "../runtime/ports/index.ts";
import { readManifest, resolveReference } from "../runtime/savepoints/index.ts";
import { type Generation, readGeneration } from "../runtime/job/generation.ts";

export interface Comparison {
  readonly planned: Pick<SynthesizedPlan, "plan" | "entry">;
  readonly allowNonRestoredState: boolean;
  /** The job may run on while it is deployed over: it will be restored then. */
  readonly restoreLater: boolean;
  /** Options that lead the commands to the job, for messages. */
  readonly place: string;
}

/** What a deployment will meet. */
export type Meeting =
  /** Nothing has run yet. */
  | { readonly kind: "nothing" }
  /** The job goes on in place. */
  | { readonly kind: "same-plan"; readonly generation: number }
  /** State fits, and comes along by a restore after the deployment; without, where the job was drained, there is none. */
  | { readonly kind: "restore" | "drained"; readonly generation: number };

/**
 * Compares what is to be deployed with the newest state of the job that is: what a restore would go on from.
 * @throws what {@link compareStates} throws; deployment error `restore-needed` where the state fits and the job still runs;
 *   state error `reference-unknown` where the job has ended without anything to restore.
 */
export async function compareWithRunning(
  ports: Pick<Ports, "control" | "objects" | "clock">,
  comparison: Comparison,
): Promise<Meeting> {
  const { planned, allowNonRestoredState, restoreLater } = comparison;
  const { plan } = planned;
  const living = await readGeneration(ports, plan.job);
  if (living === undefined) return { kind: "nothing" };
  const { generation, ended } = living;
  if (living.plan === plan.fingerprint) return { kind: "same-plan", generation };
  const manifest = await newestManifest(ports, plan.job, living);
  if (manifest !== undefined && !manifest.drained)
    compareStates(savedStatesOf(manifest.plan), plan, { allowNonRestoredState });
  if (!ended && !restoreLater) throw restoreNeeded(living, comparison);
  return { kind: manifest?.drained === true ? "drained" : "restore", generation };
}

/** Of a job that still runs there may be none yet: stopping it makes one. */
async function newestManifest(
  ports: Pick<Ports, "control" | "objects" | "clock">,
  job: string,
  { ended }: Generation,
) {
  try {
    const key = await resolveReference(ports, { job, reference: "latest" });
    return await readManifest(ports.objects, key);
  } catch (thrown) {
    const isNone = (thrown as { readonly code?: string }).code === "reference-unknown";
    if (isNone && !ended) return undefined;
    throw thrown;
  }
}

function restoreNeeded(living: Generation, comparison: Comparison): Error {
  const { planned, allowNonRestoredState, place } = comparison;
  const { plan, entry } = planned;
  return deploymentError("restore-needed", {
    message:
      `Job "${plan.job}" runs with plan ${living.plan} (generation ${living.generation}), and what is to be deployed has plan ${plan.fingerprint}. ` +
      `${restoreSteps({ entry, allowNonRestoredState, place })}.`,
    next: "Or deploy with --restore-later: nothing is lost, but the job stands still until it is restored.",
  });
}
