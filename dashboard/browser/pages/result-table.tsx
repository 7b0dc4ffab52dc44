import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { PlanView } from "../../../http/schemas/plan.ts";
import type { RowsView } from "../../../http/schemas/tables.ts";
import { conditionOf } from "../../../results/condition.ts";
import type { ViewDescription } from "../../../runtime/graph/view.ts";
import { count } from "../format/numbers.ts";
import { pathOf } from "../live/client.ts";
import { useResource } from "../live/resource.ts";
import { fieldsOf, keyOfRow, type TableRows } from "../live/table-rows.ts";
import { useTable } from "../live/use-table.ts";
import { Problem } from "../parts/problem.tsx";
import { None, Section } from "../parts/section.tsx";
import { Table } from "../parts/table.tsx";
import { plainColumn, viewColumns } from "../view/columns.tsx";
import { ViewDrawing } from "../view/view-drawing.tsx";
import { orderedRows } from "../view/view-rows.ts";

/** At once; more are found by typing. */
const shownMax = 200;

export interface ResultTableProps {
  readonly job: string;
  readonly sink: PlanView["sinks"][number];
}

/** One table, live: as its view says that it is drawn, and its rows. */
export function ResultTable({ job, sink }: ResultTableProps): JSX.Element {
  const { target } = sink;
  const known = useTable(
    pathOf("jobs", job, "tables", target, "updates"),
    sink.view as ViewDescription | undefined,
  ).rows;
  if (known === undefined) return <None>The rows of {target} are being read.</None>;
  return <Rows job={job} sink={sink} known={known} />;
}

interface RowsProps {
  readonly job: string;
  readonly sink: PlanView["sinks"][number];
  readonly known: TableRows;
}

function Rows({ job, sink, known }: RowsProps): JSX.Element {
  const wanted = useSignal("");
  const { rows, key, total, fresh, number } = known;
  const view = sink.view as ViewDescription | undefined;
  const all = useMemo(() => [...rows.values()], [rows]);
  const words = wanted.value.toLowerCase();
  const conditions = conditionsIn(wanted.value);
  // Of all rows that the table has, and not of those that are told here.
  const found = useResource<RowsView>(
    conditions.length === 0 ? undefined : rowsPath(job, sink.target, conditions),
    known,
  );
  const matched = all.filter((row) => JSON.stringify(row).toLowerCase().includes(words));
  const isAsked = conditions.length > 0;
  const shown = isAsked ? (found.answer?.rows ?? []) : matched.slice(-shownMax).toReversed();
  const title = view?.title ?? sink.target;
  const columns =
    view === undefined
      ? fieldsOf(known).map((field) => plainColumn(field, shown))
      : viewColumns(view);
  return (
    <Section
      title={title}
      note={`${count(total)} rows by ${key.join(" + ")}; what was written last comes first`}
    >
      {view !== undefined && <ViewDrawing view={view} rows={all} number={number} />}
      <div class="form">
        <label>
          Rows that contain, or such as total&gt;=10
          <input
            type="search"
            value={wanted.value}
            onInput={({ currentTarget }) => (wanted.value = currentTarget.value)}
          />
        </label>
        <p class="soft" role="status">
          {isAsked
            ? found.answer && `${count(found.answer.matched)} of ${count(total)}`
            : words === ""
              ? ""
              : `${count(matched.length)} of ${count(rows.size)}`}
        </p>
      </div>
      {found.problem !== undefined && <Problem problem={found.problem} />}
      {rows.size === 0 ? (
        <None>The table is empty so far.</None>
      ) : (
        <Table
          caption={`Rows of ${title}`}
          columns={columns}
          rows={orderedRows(shown, view)}
          rowKey={(row) => keyOfRow(key, row)}
          isMarked={(row) => fresh.has(keyOfRow(key, row))}
        />
      )}
    </Section>
  );
}

/** Conditions such as `country=DE total>=10`; none where a word is no condition: then all of it is looked for in rows. */
function conditionsIn(typed: string): readonly string[] {
  const words = typed.trim().split(/\s+/);
  return words.every((word) => conditionOf(word) !== undefined) ? words : [];
}

const rowsPath = (job: string, table: string, conditions: readonly string[]): string =>
  `${pathOf("jobs", job, "tables", table, "rows")}?${new URLSearchParams([
    ["limit", String(shownMax)],
    ...conditions.map((condition) => ["where", condition]),
  ])}`;
