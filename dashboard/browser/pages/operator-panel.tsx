import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { OperatorView, PlanView } from "../../../http/schemas/plan.ts";
import { bytes, count, percent, rate } from "../format/numbers.ts";
import { watermark } from "../format/times.ts";
import { pathOf } from "../live/client.ts";
import type { LiveJob } from "../live/live-job.ts";
import { useResource } from "../live/resource.ts";
import { hashOf } from "../live/route.ts";
import { Figures } from "../parts/figures.tsx";
import { Problem } from "../parts/problem.tsx";
import { Facts, Meter, None, Section } from "../parts/section.tsx";
import { OwnMetrics } from "./own-metrics.tsx";
import { type Column, Table } from "../parts/table.tsx";

export interface OperatorPanelProps {
  readonly live: LiveJob;
  /** `<stage>/<uid>` */
  readonly name: string;
}

/** One operator: what it is, what it has come to, and how that is spread over its slots. */
export function OperatorPanel({ live, name }: OperatorPanelProps): JSX.Element {
  const { answer, problem } = useResource<OperatorView>(
    pathOf("jobs", live.job, "operators", name),
    live.beat.value,
  );
  const root = useRef<HTMLDivElement>(null);
  const isKnown = answer !== undefined;
  useEffect(() => root.current?.scrollIntoView({ block: "nearest" }), [name, isKnown]);
  return (
    <div ref={root}>
      <Section title={name} note={<a href={hashOf({ job: live.job, page: "graph" })}>close</a>}>
        {problem !== undefined && <Problem problem={problem} />}
        {answer !== undefined && <Operator live={live} view={answer} />}
      </Section>
    </div>
  );
}

interface OperatorProps {
  readonly live: LiveJob;
  readonly view: OperatorView;
}

function Operator({ live, view }: OperatorProps): JSX.Element {
  const { operator, progress, slots } = view;
  const newest = live.status.value?.operators.find(({ name }) => name === operator.name);
  const { received, late, stateBytes, deadLetters, watermarkMs, metrics } = newest ?? progress;
  const most = Math.max(0, ...slots.map((slot) => slot.received));
  const all = slots.reduce((sum, slot) => sum + slot.received, 0);
  const average = all / Math.max(1, slots.length);
  const letters = hashOf({ job: live.job, page: "deadletters" });
  return (
    <>
      <Figures
        figures={[
          {
            name: "Received",
            value: rate(live.rates.value[operator.name] ?? 0),
            unit: "/s",
            note: `${count(received)} in all`,
          },
          {
            name: "Watermark",
            value: watermark(watermarkMs, typeof watermarkMs === "number" ? watermarkMs : 0),
            note: progress.idle ? "idle" : undefined,
          },
          { name: "Late", value: count(late), tone: late > 0 ? "warn" : undefined },
          { name: "State", value: bytes(stateBytes) },
          {
            name: "Skew",
            value: average === 0 ? "–" : (most / average).toFixed(2),
            note: "busiest slot to the average",
          },
          {
            name: "Dead letters",
            value: deadLetters > 0 ? <a href={letters}>{count(deadLetters)}</a> : "0",
            tone: deadLetters > 0 ? "bad" : undefined,
          },
        ]}
      />
      {metrics !== undefined && <OwnMetrics live={live} operator={operator} metrics={metrics} />}
      <div class="pair">
        <Facts facts={factsOf(live, operator)} />
        {slots.length === 0 ? (
          <None>It runs in no slot yet.</None>
        ) : (
          <Table
            caption={`Slots of ${operator.name}`}
            columns={columnsOf(most, all)}
            rows={slots}
            rowKey={({ slot }) => slot}
          />
        )}
      </div>
    </>
  );
}

type Operator = OperatorView["operator"];

function factsOf({ job, plan }: LiveJob, operator: Operator): Parameters<typeof Facts>[0]["facts"] {
  const { kind, uid, definedAt, gives, states } = operator;
  const known = plan.value;
  return [
    ["Kind", kind],
    ["Uid", uid === undefined ? "none: it has no state" : <code>{uid}</code>],
    ["Defined at", definedAt === undefined ? undefined : <code>{definedAt}</code>],
    ["Gives", gives === "append" ? "new elements" : `changes (${gives})`],
    ...(known === undefined ? [] : connectionsOf(known, operator)),
    ...states.map(
      ({ name, kind, version }) =>
        [
          "State",
          <>
            <a class="mono" href={hashOf({ job, page: "state", open: `${uid}/${name}` })}>
              {name}
            </a>{" "}
            {kind}, version {version}
          </>,
        ] as const,
    ),
  ];
}

/** What it reads from or writes to outside of the job. */
function connectionsOf(
  { sources, sinks }: PlanView,
  { kind, uid }: Operator,
): readonly (readonly [string, string])[] {
  if (kind === "source")
    return sources
      .filter((source) => source.uid === uid)
      .map(({ type, stream, partitionedBy }) => [
        "Reads",
        `${type} ${stream}${partitionedBy === undefined ? "" : `, partitioned by ${partitionedBy}`}`,
      ]);
  return sinks
    .filter((sink) => kind === "sink" && sink.uid === uid)
    .flatMap(({ type, target, keyFields, guarantee }) => [
      ["Writes", `${type} ${target}`] as const,
      ...(keyFields.length > 0 ? [["Rows by", keyFields.join(" + ")] as const] : []),
      ["Guarantee", guarantee] as const,
    ]);
}

type Slot = OperatorView["slots"][number];

const columnsOf = (most: number, all: number): readonly Column<Slot>[] => [
  { name: "Slot", cell: ({ slot }) => <span class="mono">{slot}</span>, sort: ({ slot }) => slot },
  {
    name: "Received",
    kind: "number",
    cell: (slot) => count(slot.received),
    sort: (slot) => slot.received,
  },
  {
    name: "Share",
    kind: "number",
    cell: (slot) => (
      <>
        {percent((slot.received / Math.max(1, all)) * 100)}{" "}
        <Meter percent={(slot.received / Math.max(1, most)) * 100} plain />
      </>
    ),
  },
  { name: "Late", kind: "number", cell: ({ late }) => count(late), sort: ({ late }) => late },
  {
    name: "State",
    kind: "number",
    cell: ({ stateBytes }) => bytes(stateBytes),
    sort: ({ stateBytes }) => stateBytes,
  },
  {
    name: "Watermark",
    kind: "number",
    cell: ({ watermarkMs: ms, idle }) => (
      <>
        {idle && <span class="tag">idle</span>} {watermark(ms, typeof ms === "number" ? ms : 0)}
      </>
    ),
  },
  {
    name: "Dead letters",
    kind: "number",
    cell: ({ deadLetters }) => count(deadLetters),
    sort: ({ deadLetters }) => deadLetters,
  },
];
