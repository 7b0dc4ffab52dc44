import type { JSX } from "preact";
import type { JobStatusView, OperatorProgressView } from "../../../http/schemas/job.ts";
import { bytes, count, rate } from "../format/numbers.ts";
import { watermark } from "../format/times.ts";
import { slowest } from "../live/lag.ts";
import type { LiveJob } from "../live/live-job.ts";
import { hashOf } from "../live/route.ts";
import { Count, Meter, None, Section } from "../parts/section.tsx";
import { type Column, numbers, Table } from "../parts/table.tsx";

export interface StagesProps {
  readonly live: LiveJob;
  readonly status: JobStatusView;
}

/** What the job consists of, and how much goes through each. */
export function Stages({ live, status }: StagesProps): JSX.Element {
  const { operators, job } = status;
  return (
    <Section title="Operators" note={<a href={hashOf({ job, page: "graph" })}>as a graph</a>}>
      {operators.length === 0 ? (
        <None>The store doesn't say what this job consists of.</None>
      ) : (
        <Table
          caption="Operators"
          columns={columnsOf(live, status)}
          rows={operators}
          rowKey={({ name }) => name}
        />
      )}
    </Section>
  );
}

/** An operator without its stage, which stands beside it. */
const ownName = ({ name, stage }: OperatorProgressView): string => name.slice(stage.length + 1);

function columnsOf(live: LiveJob, status: JobStatusView): readonly Column<OperatorProgressView>[] {
  const rates = live.rates.value;
  const { job } = live;
  const most = Math.max(1, ...status.operators.map(({ name }) => rates[name] ?? 0));
  const heads = new Set(
    status.operators.filter(({ stage }, at, all) => all[at - 1]?.stage !== stage),
  );
  const near = slowest(status);
  const nearMs = typeof near === "number" ? near : status.atMs;
  return [
    {
      name: "Stage",
      cell: (operator) => (
        <span class={heads.has(operator) ? "strong" : "again"}>{operator.stage}</span>
      ),
      sort: ({ stage }) => stage,
    },
    {
      name: "Operator",
      cell: (operator) => (
        <a class="mono" href={hashOf({ job, page: "graph", open: operator.name })}>
          {ownName(operator)}
        </a>
      ),
      sort: ownName,
    },
    {
      name: "Watermark",
      kind: "number",
      cell: (operator) => (
        <span class={heads.has(operator) ? "" : "again"}>
          {operator.idle && <span class="tag">idle</span>} {watermark(operator.watermarkMs, nearMs)}
        </span>
      ),
    },
    {
      name: "Per second",
      kind: "number",
      cell: ({ name }) => (
        <>
          {rate(rates[name] ?? 0)} <Meter percent={((rates[name] ?? 0) / most) * 100} plain />
        </>
      ),
      sort: ({ name }) => rates[name] ?? 0,
    },
    numbers("Received", ({ received }) => received, count),
    numbers("State", ({ stateBytes }) => (stateBytes === 0 ? undefined : stateBytes), bytes),
    numbers(
      "Late",
      ({ late }) => late,
      (late) => <Count value={late} tone="warn" />,
    ),
    numbers(
      "Dead letters",
      ({ deadLetters }) => deadLetters,
      (letters) => <Count value={letters} tone="bad" />,
    ),
  ];
}
