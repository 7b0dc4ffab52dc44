import type { ComparedTable, RowDifference, Shadow } from "../dev/index.ts";
import { listProgress } from "../runtime/job/progress.ts";
import { ownerOfSlot } from "../runtime/job/slot-ref.ts";
import { exchangeSlots } from "../runtime/plan/plan.ts";
import type { Row } from "../runtime/ports/index.ts";
import { textOf } from "../results/select-rows.ts";
import type { Answer } from "./answer.ts";
import { readableCount } from "./readable.ts";
import { epochOf } from "./savepoint-command.ts";
import { fieldsOf } from "./row-lines.ts";

export interface Compared {
  readonly job: string;
  readonly manifest: string | undefined;
  readonly tables: readonly ComparedTable[];
  /** Differences of a table that are shown at most. */
  readonly limit: number;
}

/** What came of a shadow, and where its rows are others than those of the live job. */
export async function comparedAnswer(
  { ports, restored }: Shadow,
  { job, manifest, tables, limit }: Compared,
): Promise<Answer> {
  const { generation = 1, dropped = [] } = restored ?? {};
  const slots = await listProgress(ports, { job, generation });
  const sources = slots.filter(({ slot }) => ownerOfSlot(slot) !== exchangeSlots);
  const records = sources.reduce((sum, { counters }) => sum + counters.records, 0);
  const deadLetters = slots.reduce((sum, { counters }) => sum + counters.deadLetters, 0);
  return {
    json: [
      { type: "shadow", job, manifest, records, deadLetters, dropped },
      ...tables.map(({ table, compared, differences, isPartial }) => ({
        type: "compared",
        table,
        rows: compared,
        differences: differences.length,
        partial: isPartial,
      })),
      ...tables.flatMap(({ differences }) =>
        differences.slice(0, limit).map((one) => ({ type: "difference", ...one })),
      ),
    ],
    text: [
      `job ${job} from ${manifest === undefined ? "the beginning" : epochOf(manifest)}, as a shadow: ${readableCount(records)} records in all, dead letters ${readableCount(deadLetters)}`,
      ...(dropped.length === 0 ? [] : [`  left behind: the state of ${dropped.join(", ")}`]),
      ...tables.flatMap((table) => tableText(table, limit)),
    ],
  };
}

function tableText(
  { table, compared, differences, isPartial }: ComparedTable,
  limit: number,
): readonly string[] {
  const rows = `${readableCount(compared)} ${compared === 1 ? "row" : "rows"}`;
  const count = differences.length;
  const found =
    count === 0 ? "none differs" : `${readableCount(count)} ${count === 1 ? "differs" : "differ"}`;
  const rest = count - limit;
  return [
    `${table}: ${rows} compared, ${found}${isPartial ? "; it is too large to tell what the live job alone writes" : ""}`,
    ...differences.slice(0, limit).map((one) => `  ${differenceText(one)}`),
    ...(rest > 0 ? [`  and ${readableCount(rest)} more: --limit <n> shows them`] : []),
  ];
}

function differenceText({ key, shadow, live }: RowDifference): string {
  const of = fieldTexts(key).join(" ");
  if (live === undefined) return `${of}: the shadow alone has it: ${fieldTexts(shadow).join(" ")}`;
  if (shadow === undefined)
    return `${of}: the live job alone has it: ${fieldTexts(live).join(" ")}`;
  const fields = fieldsOf([shadow, live]).filter(
    (field) => textOf(shadow[field]) !== textOf(live[field]),
  );
  const texts = fields.map(
    (field) => `${field} ${textOf(shadow[field])}, the live job's ${textOf(live[field])}`,
  );
  return `${of}: ${texts.join("; ")}`;
}

const fieldTexts = (row: Row = {}): readonly string[] =>
  Object.entries(row).map(([field, value]) => `${field}=${textOf(value)}`);
