import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type {
  JobEventsView,
  JobEventView,
  JobExceptionsView,
} from "../../../http/schemas/history.ts";
import { duration, moment } from "../format/times.ts";
import { pathOf } from "../live/client.ts";
import { useResource } from "../live/resource.ts";
import type { PageProps } from "../parts/console-frame.tsx";
import { Problem } from "../parts/problem.tsx";
import { None, Section } from "../parts/section.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { lanes, toneOf } from "../timeline/lanes.ts";
import { TimelineView } from "../timeline/timeline-view.tsx";
import { Errors } from "./errors.tsx";

/** What happened to the job as a whole, over all of its lives. */
export function Timeline({ live, route }: PageProps): JSX.Element {
  const beat = live.beat.value;
  const hidden = useSignal<readonly string[]>([]);
  const { answer, problem } = useResource<JobEventsView>(
    `${pathOf("jobs", route.job, "events")}?limit=500`,
    beat,
  );
  const exceptions = useResource<JobExceptionsView>(
    pathOf("jobs", route.job, "exceptions"),
    beat,
  ).answer;
  if (problem !== undefined) return <Problem problem={problem} />;
  if (answer === undefined) return <None>What happened is being read.</None>;
  const nowMs = live.status.value?.atMs ?? answer.events[0]?.atMs ?? 0;
  const shown = answer.events.filter(({ kind }) =>
    lanes.some(({ name, kinds }) => kinds.includes(kind) && !hidden.value.includes(name)),
  );
  const toggle = (name: string): void => {
    const { value } = hidden;
    hidden.value = value.includes(name) ? value.filter((one) => one !== name) : [...value, name];
  };
  return (
    <>
      <Section title="Timeline" note="times in UTC">
        {answer.events.length === 0 ? (
          <None>Nothing has happened yet.</None>
        ) : (
          <TimelineView events={answer.events} nowMs={nowMs} />
        )}
      </Section>
      <Section title="Events" note="the newest first">
        <div class="form" role="group" aria-label="Which events are listed">
          {lanes.map(({ name }) => (
            <label key={name} class="check">
              <input
                type="checkbox"
                checked={!hidden.value.includes(name)}
                onChange={() => toggle(name)}
              />
              {name}
            </label>
          ))}
        </div>
        <Table caption="Events" columns={columnsAt(nowMs)} rows={shown} rowKey={({ id }) => id} />
      </Section>
      {exceptions !== undefined && <Errors exceptions={exceptions} nowMs={nowMs} />}
    </>
  );
}

const columnsAt = (nowMs: number): readonly Column<JobEventView>[] => [
  {
    name: "When",
    cell: ({ atMs }) => <time dateTime={new Date(atMs).toISOString()}>{moment(atMs, nowMs)}</time>,
    sort: ({ atMs }) => atMs,
  },
  {
    name: "Event",
    cell: ({ kind }) => <span class={`kind kind-${toneOf(kind)}`}>{kind.replace("-", " ")}</span>,
    sort: ({ kind }) => kind,
  },
  {
    name: "Took",
    kind: "number",
    cell: ({ durationMs }) => (durationMs === undefined ? "" : duration(durationMs)),
    sort: ({ durationMs }) => durationMs,
  },
  { name: "Generation", kind: "number", cell: ({ generation }) => generation ?? "" },
  {
    name: "What",
    kind: "fill",
    cell: ({ text, code }) => (
      <>
        {text} {code !== undefined && <code class="soft">{code}</code>}
      </>
    ),
  },
];
