import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect, useMemo } from "preact/hooks";
import type { PlanView } from "../../../http/schemas/plan.ts";
import type { RowsView, TableUpdate } from "../../../http/schemas/tables.ts";
import { conditionOf } from "../../../results/condition.ts";
import type { ViewDescription } from "../../../runtime/graph/view.ts";
import { count } from "../format/numbers.ts";
import { pathOf } from "../live/client.ts";
import { useResource } from "../live/resource.ts";
import { follow } from "../live/stream.ts";
import {
  fieldsOf,
  keyOfRow,
  noRows,
  type Row,
  type TableRows,
  updated,
} from "../live/table-rows.ts";
import { Problem } from "../parts/problem.tsx";
import { None, Section } from "../parts/section.tsx";
import { Table } from "../parts/table.tsx";
import { ViewDrawing } from "../view/view-drawing.tsx";
import { plainColumn, viewColumns } from "./result-columns.tsx";

/** At once; more are found by typing. */
const shownMax = 200;

export interface ResultTableProps {
  readonly job: string;
  readonly sink: PlanView["sinks"][number];
}

/** One table, live: as its view says that it is drawn, and its rows. */
export function ResultTable({ job, sink }: ResultTableProps): JSX.Element {
  const { target } = sink;
  const known = useTable(job, target);
  if (known === undefined) return <None>The rows of {target} are being read.</None>;
  return <Rows job={job} sink={sink} known={known} />;
}

/** The rows of a table as they change, drawn once a frame. */
function useTable(job: string, table: string): TableRows | undefined {
  const known = useSignal<TableRows | undefined>(undefined);
  useEffect(() => {
    let next = noRows;
    let isDue = false;
    return follow<TableUpdate>({
      path: pathOf("jobs", job, "tables", table, "updates"),
      onConnection: () => {},
      onMessage: (update) => {
        next = updated(next, update);
        if (isDue) return;
        isDue = true;
        requestAnimationFrame(() => {
          isDue = false;
          known.value = next;
        });
      },
    });
  }, [job, table]);
  return known.value;
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
          rows={ordered(shown, view)}
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

/** In the order that a view asks for. */
function ordered(rows: readonly Row[], view: ViewDescription | undefined): readonly Row[] {
  const { chart } = view ?? {};
  if (chart?.kind !== "table" || chart.order === undefined) return rows;
  const { order, descending = false } = chart;
  const sign = descending ? -1 : 1;
  return rows.toSorted((left, right) => {
    const [a, b] = [left[order] as number, right[order] as number];
    return a === b ? 0 : a < b ? -sign : sign;
  });
}
