import { deploymentError } from "../errors/millrace-error.ts";
import type { Plan } from "../plan/plan.ts";
import { type PhysicalNames, physicalStream, physicalTable } from "./job-runtime.ts";

/**
 * What the planner sees to by logical names holds of physical ones: a stream has one reader in the job, a table one writer,
 * and nobody but slots and coordinator touches the exchange.
 * @throws MillraceError `names-collide`
 */
export function checkPhysicalOwners(plan: Plan, names: PhysicalNames): void {
  const { sources, sinks } = plan;
  const exchange = ["the exchange", names.exchangeStream] as const;
  const streamOf = (logical: string) => [`"${logical}"`, physicalStream(names, logical)] as const;
  const tables = sinks.filter(({ keyFields }) => keyFields !== undefined);
  const appended = sinks.filter(({ keyFields }) => keyFields === undefined);
  checkDistinct("stream", [exchange, ...sources.map(({ stream }) => streamOf(stream))]);
  for (const { target } of appended) checkDistinct("stream", [exchange, streamOf(target)]);
  checkDistinct(
    "table",
    tables.map(({ target }) => [`"${target}"`, physicalTable(names, target)]),
  );
}

function checkDistinct(
  what: string,
  pairs: readonly (readonly [logical: string, physical: string])[],
): void {
  const owners = new Map<string, string>();
  for (const [logical, physical] of pairs) {
    const owner = owners.get(physical);
    if (owner !== undefined) throw collision(what, { owner, logical, physical });
    owners.set(physical, logical);
  }
}

function collision(
  what: string,
  { owner, logical, physical }: Readonly<Record<"owner" | "logical" | "physical", string>>,
): Error {
  return deploymentError("names-collide", {
    message: `The ${what}s ${owner} and ${logical} of the job are one ${what}, "${physical}".`,
    next: `Give each a ${what} of its own.`,
  });
}
