import type { MutationResult } from "./check-mutation.ts";
import type { NotFound } from "./mutation.ts";

const columns = ["mutation", "rule", "from seed", "noticed at", "shape", "seconds", "by"] as const;
const failureMaxLength = 100;

/** The results as a table, and what is wrong with them below. */
export function tableOf(results: readonly MutationResult[]): string {
  const rows = results.map((result): readonly string[] => [
    result.mutation.name,
    result.mutation.rule,
    String(result.first),
    result.found === undefined ? "-" : String(result.found.seed),
    result.found?.shape ?? "",
    result.seconds.toFixed(1),
    result.found === undefined ? "" : firstLineOf(result.found.failure),
  ]);
  const widths = columns.map((column, at) =>
    Math.max(column.length, ...rows.map((row) => (row[at] as string).length)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] as number))
      .join("  ")
      .trimEnd();
  return [line(columns), ...rows.map(line), ...results.flatMap(complaintsOf)].join("\n");
}

function complaintsOf({
  mutation: { name, disables },
  found,
  failsAnyway,
  first,
  last,
}: MutationResult): readonly string[] {
  if (failsAnyway !== undefined) {
    const { shape, seed, failure } = failsAnyway;
    return [`\n${name}: ${shape} fails at seed ${seed} without it as well: ${failure}`];
  }
  if (found !== undefined) return [];
  return [`\n${name} was not noticed from seed ${first} to ${last}: ${disables}`];
}

/** Rules whose removal the simulator does not notice, with the reasons. */
export function notesOf(notFound: readonly NotFound[]): string {
  return notFound
    .map(
      ({ name, rule, disables, why, reason }) =>
        `${name} (${rule}): ${disables}\n  ${why}: ${reason}`,
    )
    .join("\n");
}

/** The first line of a failure. */
function firstLineOf(failure: string): string {
  const [line = ""] = failure.split("\n");
  return line.length > failureMaxLength ? `${line.slice(0, failureMaxLength)}…` : line;
}
