import { inputError } from "../../runtime/errors/millrace-error.ts";
import { refuserOf } from "../../runtime/job/dead-letter-objects.ts";
import { operatorName } from "../../runtime/plan/operator-name.ts";
import type { Plan } from "../../runtime/plan/plan.ts";
import { findDescription, findGeneration } from "../found-job.ts";
import type { ServedStore } from "../served-store.ts";
import { lettersOf } from "./named-letters.ts";

/**
 * How letters call an operator that is asked for as they do, or by its name in the plan; undefined where none is asked for.
 * @throws MillraceError `operator-unknown` for a name of none that has refused a letter, nor could
 */
export async function refuserNamed(
  store: ServedStore,
  job: string,
  asked: string | undefined,
): Promise<string | undefined> {
  if (asked === undefined) return undefined;
  const known = await findDescription(store, job, await findGeneration(store, job));
  // Nobody knows the operators of a job that nobody has described.
  if (known === undefined) return asked;
  const operators = operatorsOf(known.plan);
  const found = operators.find(({ refuser, name }) => refuser === asked || name === asked);
  if (found !== undefined) return found.refuser;
  if (isSlot(known.plan, asked)) return asked;
  const refusers = new Set<string>();
  for await (const { letter } of lettersOf(store, job, undefined)) refusers.add(refuserOf(letter));
  if (refusers.has(asked)) return asked;
  const names = new Set([...operators.map(({ refuser }) => refuser), ...refusers]);
  throw inputError("operator-unknown", {
    message: `Job "${job}" has no operator "${asked.slice(0, 200)}".`,
    next: `There are ${[...names].join(", ")}.`,
  });
}

/** One whose source can't decode a record. */
const isSlot = ({ sources }: Plan, name: string): boolean =>
  sources.some(({ uid }) => name.startsWith(`${uid}/`));

const operatorsOf = ({ stages }: Plan) =>
  stages.flatMap((stage) =>
    stage.operators.map((operator) => ({
      refuser: operator.uid ?? operator.name,
      name: operatorName(stage, operator),
    })),
  );
