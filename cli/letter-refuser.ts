import { findDescription, findGeneration } from "../http/found-job.ts";
import { refuserOf } from "../runtime/job/dead-letter-objects.ts";
import { operatorName } from "../runtime/plan/operator-name.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { lettersOf } from "./named-letters.ts";
import type { OpenStore } from "./open-store.ts";
import { servedStore } from "./served-store.ts";
import { UsageError } from "./usage-error.ts";

/** @throws UsageError for a name of none that has refused a letter, nor could */
export async function checkRefuser(
  store: OpenStore,
  job: string,
  operator: string | undefined,
): Promise<void> {
  if (operator === undefined) return;
  const served = servedStore(store, job);
  const known = await findDescription(served, job, await findGeneration(served, job));
  // Nobody knows the operators of a job that nobody has described.
  if (known === undefined || mayRefuse(known.plan, operator)) return;
  const refusers = new Set<string>();
  for await (const { letter } of lettersOf(store, job, undefined)) refusers.add(refuserOf(letter));
  if (refusers.has(operator)) return;
  const names = [...new Set([...operatorsOf(known.plan), ...refusers])];
  throw new UsageError(
    `--operator is "${operator}", and job ${job} has no operator of this name; there are ${names.join(", ")}.`,
  );
}

/** An operator, or a slot whose source can't decode a record. */
const mayRefuse = (plan: Plan, name: string): boolean =>
  operatorsOf(plan).includes(name) || plan.sources.some(({ uid }) => name.startsWith(`${uid}/`));

const operatorsOf = ({ stages }: Plan): readonly string[] =>
  stages.flatMap((stage) => stage.operators.map((operator) => operatorName(stage, operator)));
