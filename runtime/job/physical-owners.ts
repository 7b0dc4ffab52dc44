import { resourceOf } from "../connectors/sinks.ts";
import { deploymentError } from "../errors/millrace-error.ts";
import type { SinkResource } from "../connectors/sink-spec.ts";
import type { Plan } from "../plan/plan.ts";
import { type PhysicalNames, physicalName, physicalStream } from "./job-runtime.ts";

/**
 * What the planner sees to by logical names holds of physical ones: a stream has one reader in the job, a table one writer,
 * and nobody but slots and coordinator touches the exchange.
 * @throws MillraceError `names-collide`
 */
export function checkPhysicalOwners(plan: Plan, names: PhysicalNames): void {
  const { sources, sinks } = plan;
  const exchange = ["the exchange", names.exchangeStream] as const;
  const streamOf = (logical: string) => [`"${logical}"`, physicalStream(names, logical)] as const;
  const written = sinks.map(resourceOf);
  const ownersOf = (kind: SinkResource["kind"]) =>
    written
      .filter((resource) => resource.kind === kind)
      .map((resource) => [`"${resource.name}"`, physicalName(names, resource)] as const);
  checkDistinct("stream", [exchange, ...sources.map(({ stream }) => streamOf(stream))]);
  for (const stream of ownersOf("stream")) checkDistinct("stream", [exchange, stream]);
  checkDistinct("table", ownersOf("table"));
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
