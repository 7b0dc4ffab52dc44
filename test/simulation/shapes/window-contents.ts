import type { Arrival } from "./arrivals.ts";
import { told, listed } from "./compare.ts";
import type { Firing } from "./firing.ts";

/** What is wrong with a single firing: it must hold items of the window only, each once, and count them right. */
export function contentsDifferences(
  { ids, n, sum }: Firing,
  members: ReadonlyMap<string, Arrival>,
): string[] {
  const wrong: string[] = [];
  const strangers = ids.filter((id) => members.get(id)?.item.trap === "result" || !members.has(id));
  wrong.push(...told("it must not hold", strangers));
  if (new Set(ids).size !== ids.length) wrong.push(`it holds an item twice: ${listed(ids)}`);
  const total = ids.reduce((so, id) => so + (members.get(id)?.item.value ?? 0), 0);
  if (strangers.length === 0 && (n !== ids.length || sum !== total))
    wrong.push(`it counts ${n} items of ${sum} instead of ${ids.length} of ${total}`);
  return wrong;
}
