import { useComputed, useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import type { JobSummary } from "../../../http/schemas/job.ts";
import { bytes, count } from "../format/numbers.ts";
import { duration, isHistory } from "../format/times.ts";
import { useResource } from "../live/resource.ts";
import { hashOf } from "../live/route.ts";
import { Brand } from "../parts/head.tsx";
import { None } from "../parts/section.tsx";
import { State } from "../parts/state.tsx";
import { type Column, Table } from "../parts/table.tsx";

const everyMs = 2_000;

/** All jobs of the store. Where it is one only, that is what is looked at. */
export function Jobs(): JSX.Element {
  const beat = useSignal(0);
  useEffect(() => {
    const timer = setInterval(() => (beat.value += 1), everyMs);
    return () => clearInterval(timer);
  }, []);
  const version = useComputed(() => beat.value);
  const { answer } = useResource<{ readonly jobs: readonly JobSummary[] }>("/jobs", version.value);
  const only = answer?.jobs.length === 1 ? answer.jobs[0] : undefined;
  useEffect(() => {
    document.title = "Jobs · Millrace";
    if (only !== undefined) location.replace(hashOf({ job: only.job, page: "" }));
  }, [only?.job]);
  return (
    <>
      <header class="head">
        <div class="head-line">
          <Brand />
          <h1>Jobs</h1>
        </div>
        <div class="nav" />
      </header>
      <main tabIndex={-1}>
        {answer?.jobs.length === 0 && <None>No job has run in this store yet.</None>}
        {answer !== undefined && answer.jobs.length > 0 && (
          <Table caption="Jobs" columns={columns} rows={answer.jobs} rowKey={({ job }) => job} />
        )}
      </main>
    </>
  );
}

const columns: readonly Column<JobSummary>[] = [
  {
    name: "Job",
    cell: ({ job }) => <a href={hashOf({ job, page: "" })}>{job}</a>,
    sort: ({ job }) => job,
  },
  { name: "State", cell: ({ state }) => <State state={state} />, sort: ({ state }) => state },
  {
    name: "Records",
    kind: "number",
    cell: ({ records }) => count(records),
    sort: ({ records }) => records,
  },
  {
    name: "Lag",
    kind: "number",
    cell: ({ watermarkLagMs: lag }) =>
      lag === undefined ? "–" : isHistory(lag) ? "history" : duration(lag),
    sort: ({ watermarkLagMs }) => watermarkLagMs,
  },
  {
    name: "State bytes",
    kind: "number",
    cell: ({ stateBytes }) => bytes(stateBytes),
    sort: ({ stateBytes }) => stateBytes,
  },
  { name: "Checkpoint", kind: "number", cell: ({ completedEpoch }) => completedEpoch ?? "–" },
  {
    name: "Dead letters",
    kind: "number",
    cell: ({ deadLetters }) => (
      <span class={deadLetters > 0 ? "bad" : ""}>{count(deadLetters)}</span>
    ),
    sort: ({ deadLetters }) => deadLetters,
  },
];
