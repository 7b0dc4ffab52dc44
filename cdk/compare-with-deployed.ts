import { readFileSync } from "node:fs";
import { Annotations } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { deploymentError, messageOf } from "../runtime/errors/millrace-error.ts";
import { compareStates } from "../runtime/plan/compare-states.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { savedStatesOf } from "../runtime/plan/saved-states.ts";
import type { PipelineSettings } from "./pipeline-settings.ts";
import { restoreSteps } from "./restore-steps.ts";

/** A manifest holds the plan that wrote it. */
type SavedPlan = Plan | { readonly plan: Plan };

/**
 * Compares the job with what is deployed, by the plan that a file holds. The same fingerprint: the deployment goes on in
 * place. Another one whose state fits: a warning says that a restore is needed, and how.
 * @throws deployment errors `plan-file-missing`, `plan-file-invalid` and `plan-of-another-job`; what {@link compareStates} throws.
 */
export function compareWithDeployed(
  scope: Construct,
  plan: Plan,
  { stateOf, allowNonRestoredState, entry }: PipelineSettings,
): void {
  if (stateOf === undefined) return;
  const deployed = readPlan(stateOf, entry);
  if (deployed.job !== plan.job)
    throw deploymentError("plan-of-another-job", {
      message: `${stateOf} holds a plan of job "${deployed.job}", but ${entry} defines "${plan.job}".`,
      next: `A job of another name starts without state: take stateOf out for its first deployment, or keep the name.`,
    });
  if (deployed.fingerprint === plan.fingerprint) return;
  compareStates(savedStatesOf(deployed), plan, { allowNonRestoredState });
  Annotations.of(scope).addWarningV2(
    "millrace:restore-needed",
    `Job "${plan.job}" has plan ${plan.fingerprint}, and ${stateOf} says that ${deployed.fingerprint} is deployed. ` +
      `${restoreSteps({ entry, allowNonRestoredState })}, and commit the new plan: "millrace explain ${entry} --json > ${stateOf}".`,
  );
}

function readPlan(file: string, entry: string): Plan {
  const next = `Write it from the job that is deployed: millrace explain ${entry} --json > ${file}`;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const message = `stateOf is ${file}, which can't be read: ${messageOf(cause)}`;
    throw deploymentError("plan-file-missing", { message, next, cause });
  }
  const plan = planIn(text);
  if (plan?.format === 1 && typeof plan.fingerprint === "string" && Array.isArray(plan.stages))
    return plan;
  const message = `stateOf is ${file}, which holds neither a plan of format 1 nor a manifest with one.`;
  throw deploymentError("plan-file-invalid", { message, next });
}

function planIn(text: string): Plan | undefined {
  try {
    const saved = JSON.parse(text) as SavedPlan;
    return "plan" in saved ? saved.plan : saved;
  } catch {
    return undefined;
  }
}
