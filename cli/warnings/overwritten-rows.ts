import type { WrittenRows } from "../../dev/index.ts";
import type { Plan, Stage } from "../../runtime/plan/plan.ts";
import type { RunWarning } from "./run-sample.ts";

/** A table whose rows have fewer keys than the results that they are made of. */
interface Candidate {
  readonly sink: string;
  readonly keyFields: readonly string[];
  /** Fields of the results' key that the rows' key lacks. */
  readonly lacking: readonly string[];
  /** By row: what it had in these fields when it was written last. */
  readonly seen: Map<string, string>;
}

const seenMax = 10_000;

/**
 * Watches rows as they are written: where two that replace each other are of different keys, the key of the sink lacks a field. A table
 * whose rows don't have the fields by these names is not judged. Undefined where no table can be meant.
 */
export function overwrittenRows(
  plan: Plan,
): ((written: WrittenRows) => RunWarning | undefined) | undefined {
  const candidates = candidatesOf(plan);
  if (candidates.size === 0) return undefined;
  return ({ table, rows }) => {
    const candidate = candidates.get(table);
    if (candidate === undefined) return undefined;
    const { keyFields, lacking, seen } = candidate;
    for (const row of rows) {
      const valuesOf = (fields: readonly string[]): string =>
        JSON.stringify(fields.map((field) => row[field]));
      if (lacking.some((field) => row[field] === undefined)) continue;
      const [key, rest] = [valuesOf(keyFields), valuesOf(lacking)];
      const before = seen.get(key);
      if (before !== undefined && before !== rest) return warningOf(table, candidate);
      if (seen.size < seenMax) seen.set(key, rest);
    }
    return undefined;
  };
}

function candidatesOf({ stages, sinks }: Plan): ReadonlyMap<string, Candidate> {
  const candidates = new Map<string, Candidate>();
  for (const { uid, target, keyFields } of sinks) {
    const stage = stages.find(({ operators }) =>
      operators.some((operator) => operator.kind === "sink" && operator.uid === uid),
    );
    if (stage?.keyedBy?.kind !== "sink" || keyFields === undefined) continue;
    const lacking = keysBehind(stage, stages).filter((field) => !keyFields.includes(field));
    if (lacking.length > 0)
      candidates.set(target, { sink: uid, keyFields, lacking, seen: new Map() });
  }
  return candidates;
}

/** Fields that key the stages which feed one. */
function keysBehind({ upstream }: Stage, stages: readonly Stage[]): readonly string[] {
  return stages
    .filter(({ id }) => upstream.includes(id))
    .flatMap(({ keyedBy }) => keyedBy?.fields ?? []);
}

function warningOf(table: string, { sink, keyFields, lacking }: Candidate): RunWarning {
  const more = [...keyFields, ...lacking].map((field) => `"${field}"`).join(", ");
  return {
    code: "rows-overwritten",
    message: `Rows of table "${table}" overwrite each other although their results have different keys: the key of sink "${sink}" lacks ${lacking.join(", ")}. Give it key: [${more}], with a text of several fields where these are more than two.`,
  };
}
