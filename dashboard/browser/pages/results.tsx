import type { JSX } from "preact";
import type { PlanView } from "../../../http/schemas/plan.ts";
import { hashOf } from "../live/route.ts";
import type { PageProps } from "../parts/console-frame.tsx";
import { None } from "../parts/section.tsx";
import { ResultTable } from "./result-table.tsx";

/** Rows of the job's tables, as they change. `#/<job>/results/<table>` */
export function Results({ live, route }: PageProps): JSX.Element {
  const plan = live.plan.value;
  if (plan === undefined) return <None>What the job writes is being read.</None>;
  const tables = tablesOf(plan);
  const table = tables.find(({ target }) => target === route.open) ?? tables[0];
  if (table === undefined) return <None>This job writes no table.</None>;
  return (
    <>
      {tables.length > 1 && (
        <nav class="tabs" aria-label="Tables">
          {tables.map(({ target, view }) => (
            <a
              key={target}
              href={hashOf({ job: route.job, page: "results", open: target })}
              aria-current={target === table.target ? "page" : undefined}
            >
              {view?.title ?? target}
            </a>
          ))}
        </nav>
      )}
      <ResultTable key={table.target} job={route.job} sink={table} />
    </>
  );
}

/** Whoever has rows by a key has a table that can be read. */
const tablesOf = ({ sinks }: PlanView): PlanView["sinks"] =>
  sinks.filter(({ keyFields }) => keyFields.length > 0);
