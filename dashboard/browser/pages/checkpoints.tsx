import type { JSX } from "preact";
import type { Checkpoint, CheckpointsView } from "../../../http/schemas/checkpoints.ts";
import { bytes, count, counted } from "../format/numbers.ts";
import { duration, moment } from "../format/times.ts";
import { canWrite } from "../live/ask.ts";
import { pathOf } from "../live/client.ts";
import { useResource } from "../live/resource.ts";
import { hashOf } from "../live/route.ts";
import type { PageProps } from "../parts/console-frame.tsx";
import { Figures } from "../parts/figures.tsx";
import { Problem } from "../parts/problem.tsx";
import { Facts, Meter, None, Section } from "../parts/section.tsx";
import { type Column, numbers, Table } from "../parts/table.tsx";
import { CheckpointPanel } from "./checkpoint-panel.tsx";
import { CheckpointSummary } from "./checkpoint-summary.tsx";
import { Savepoints } from "./savepoints.tsx";

export function Checkpoints({ live, route }: PageProps): JSX.Element {
  const { answer, problem } = useResource<CheckpointsView>(
    `${pathOf("jobs", route.job, "checkpoints")}?limit=100`,
    live.beat.value,
  );
  if (problem !== undefined) return <Problem problem={problem} />;
  if (answer === undefined) return <None>The checkpoints are being read.</None>;
  const { history } = answer;
  return (
    <>
      <Figures figures={figuresOf(answer, live.status.value?.atMs)} />
      <div class="pair">
        {answer.summary !== undefined && <CheckpointSummary summary={answer.summary} />}
        {answer.configuration !== undefined && (
          <Section title="Configuration">
            <Facts facts={settingsOf(answer.configuration)} />
          </Section>
        )}
      </div>
      {canWrite() && <Savepoints live={live} />}
      <Section
        title="History"
        note={history.length === 0 ? undefined : `the newest ${history.length}`}
      >
        {history.length === 0 ? (
          <None>
            There is no checkpoint yet. They are taken while the job runs, and when it is told to
            take a savepoint.
          </None>
        ) : (
          <Table
            caption="Checkpoints"
            columns={columnsOf(route.job, history, live.status.value?.atMs ?? 0)}
            rows={history}
            rowKey={keyOf}
            isMarked={(one) => keyOf(one) === route.open}
          />
        )}
      </Section>
      {route.open !== undefined && <CheckpointPanel job={route.job} epoch={route.open} />}
    </>
  );
}

const keyOf = ({ generation, epoch }: Checkpoint): string => `${generation}-${epoch}`;

function figuresOf(
  { counts, history }: CheckpointsView,
  atMs = 0,
): Parameters<typeof Figures>[0]["figures"] {
  const newest = history.find(({ status }) => status === "complete");
  const { durationMs, totalBytes, newBytes, endedMs } = newest ?? {};
  return [
    {
      name: "Complete",
      value: count(counts.complete),
      note: counted(counts.savepoints, "savepoint"),
    },
    { name: "Failed", value: count(counts.expired), tone: counts.expired > 0 ? "warn" : undefined },
    { name: "Under way", value: count(counts.open) },
    {
      name: "Newest",
      value: endedMs === undefined ? "–" : duration(atMs - endedMs),
      ...(endedMs !== undefined && { unit: "ago" }),
      note: newest && `epoch ${newest.epoch} of generation ${newest.generation}`,
    },
    { name: "It took", value: durationMs === undefined ? "–" : duration(durationMs) },
    {
      name: "It holds",
      value: totalBytes === undefined ? "–" : bytes(totalBytes),
      note: newBytes === undefined ? undefined : `${bytes(newBytes)} of them new`,
    },
  ];
}

const settingsOf = (
  settings: NonNullable<CheckpointsView["configuration"]>,
): Parameters<typeof Facts>[0]["facts"] => [
  [
    "Every",
    settings.intervalMs === undefined ? "only when asked for" : duration(settings.intervalMs),
  ],
  ["Given up after", settings.timeoutMs === undefined ? "never" : duration(settings.timeoutMs)],
  ["Pause between two", duration(settings.minPauseMs)],
  ["Failures tolerated", count(settings.tolerableFailures)],
  ["Retained", count(settings.retain)],
  ["When cancelled", settings.onCancel === "delete" ? "they are deleted" : "they are retained"],
];

const tones = { open: "", complete: "good", expired: "warn", unreadable: "bad" } as const;

function columnsOf(
  job: string,
  history: readonly Checkpoint[],
  atMs: number,
): readonly Column<Checkpoint>[] {
  const longestMs = Math.max(1, ...history.map(({ durationMs = 0 }) => durationMs));
  return [
    {
      name: "Epoch",
      // What isn't complete has nothing to open.
      cell: (one) =>
        one.status === "complete" ? (
          <a class="mono" href={hashOf({ job, page: "checkpoints", open: keyOf(one) })}>
            {one.name}
          </a>
        ) : (
          <span class="mono">{one.name}</span>
        ),
      sort: ({ generation, epoch }) => generation * 1e9 + epoch,
    },
    {
      name: "Status",
      cell: ({ status }) => <span class={tones[status]}>{status}</span>,
      sort: ({ status }) => status,
    },
    {
      name: "Savepoint",
      cell: ({ savepoint, stopped, drained }) =>
        [savepoint, drained ? "drained" : stopped ? "stopped" : undefined]
          .filter((word) => word !== undefined)
          .join(", "),
    },
    {
      name: "Opened",
      kind: "number",
      cell: ({ openedMs }) => (openedMs === undefined ? "–" : moment(openedMs, atMs)),
      sort: ({ openedMs }) => openedMs,
    },
    {
      name: "Took",
      kind: "number",
      cell: ({ durationMs }) =>
        durationMs === undefined ? (
          "–"
        ) : (
          <>
            {duration(durationMs)} <Meter percent={(durationMs / longestMs) * 100} plain />
          </>
        ),
      sort: ({ durationMs }) => durationMs,
    },
    numbers("New", ({ newBytes }) => newBytes, bytes),
    numbers("Holds", ({ totalBytes }) => totalBytes, bytes),
    numbers("Slots", ({ slots }) => slots, count),
    { name: "Reason", kind: "fill", cell: ({ reason }) => reason ?? "" },
  ];
}
