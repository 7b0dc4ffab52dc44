import type { JSX } from "preact";
import type { JobExceptionsView } from "../../../http/schemas/history.ts";
import { count } from "../format/numbers.ts";
import { moment } from "../format/times.ts";
import { Section } from "../parts/section.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { byCode } from "../timeline/by-code.ts";

export interface ErrorsProps {
  readonly exceptions: JobExceptionsView;
  readonly nowMs: number;
}

/** What went wrong, each code once, and what is tried again at present. */
export function Errors({
  exceptions: { exceptions, retrying },
  nowMs,
}: ErrorsProps): JSX.Element | null {
  if (exceptions.length === 0 && retrying.length === 0) return null;
  return (
    <Section title="Errors" note="by code, with what the newest says">
      {retrying.map(({ slot, failure, attempts, againAtMs }) => (
        <p class="notice" key={`${slot} ${failure}`}>
          <code>{slot}</code> tries again: {failure}, attempt {attempts}, next at{" "}
          {moment(againAtMs, nowMs)}.
        </p>
      ))}
      {exceptions.length > 0 && (
        <Table
          caption="Errors"
          columns={columnsAt(nowMs)}
          rows={byCode(exceptions)}
          rowKey={({ kind, code }) => `${kind} ${code}`}
        />
      )}
    </Section>
  );
}

const columnsAt = (nowMs: number): readonly Column<JobExceptionsView["exceptions"][number]>[] => [
  {
    name: "Code",
    cell: ({ code, kind }) => <code class={kind === "warning" ? "warn" : "bad"}>{code}</code>,
  },
  {
    name: "Times",
    kind: "number",
    cell: (one) => count(one.count),
    sort: (one) => one.count,
  },
  { name: "First", cell: ({ firstMs }) => moment(firstMs, nowMs), sort: ({ firstMs }) => firstMs },
  { name: "Last", cell: ({ lastMs }) => moment(lastMs, nowMs), sort: ({ lastMs }) => lastMs },
  { name: "What", kind: "fill", cell: ({ message }) => message },
];
