import {
  letterId,
  type PlacedDeadLetter,
  placedDeadLetters,
  refuserOf,
} from "../../runtime/job/dead-letter-objects.ts";
import { readGeneration } from "../../runtime/job/generation.ts";
import { objectPrefixes } from "../../runtime/layout/names.ts";
import type { Ports } from "../../runtime/ports/index.ts";

/** A letter of the newest generation, by the name that it is called by. */
export interface NamedLetter extends PlacedDeadLetter {
  readonly id: string;
}

/** Letters of the newest generation: of all operators, or of one. */
export async function* lettersOf(
  { ports }: { readonly ports: Pick<Ports, "control" | "objects"> },
  job: string,
  operator: string | undefined,
): AsyncGenerator<NamedLetter> {
  const { generation = 1 } = (await readGeneration(ports, job)) ?? {};
  const prefix = objectPrefixes.deadLetters({ job, generation });
  for await (const placed of placedDeadLetters(ports.objects, prefix)) {
    const { key, index, letter } = placed;
    if (operator === undefined || refuserOf(letter) === operator)
      yield { ...placed, id: letterId(key.slice(prefix.length), index) };
  }
}
