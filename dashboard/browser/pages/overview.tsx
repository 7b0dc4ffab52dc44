import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { CheckpointsView } from "../../../http/schemas/checkpoints.ts";
import type { JobStatusView } from "../../../http/schemas/job.ts";
import { Chart } from "../chart/chart.tsx";
import { seriesOf } from "../chart/series.ts";
import { bytes, count, rate } from "../format/numbers.ts";
import { duration, isHistory, watermark } from "../format/times.ts";
import { pathOf } from "../live/client.ts";
import { growthOf } from "../live/history.ts";
import { lagOf, slowest } from "../live/lag.ts";
import type { LiveJob } from "../live/live-job.ts";
import { useResource } from "../live/resource.ts";
import { hashOf } from "../live/route.ts";
import type { PageProps } from "../parts/console-frame.tsx";
import { type FigureProps, Figures } from "../parts/figures.tsx";
import { None } from "../parts/section.tsx";
import { Slots } from "./overview-slots.tsx";
import { Stages } from "./overview-stages.tsx";

export function Overview({ live, route }: PageProps): JSX.Element {
  const status = live.status.value;
  const checkpoints = useResource<CheckpointsView>(
    `${pathOf("jobs", route.job, "checkpoints")}?limit=1`,
    status?.epochs.completed,
  ).answer;
  if (status === undefined) return <None>The job's state is being read.</None>;
  return (
    <>
      <Faults status={status} />
      <Figures figures={figuresOf(status, live, checkpoints)} />
      <Charts live={live} />
      <Stages live={live} status={status} />
      <Slots status={status} />
    </>
  );
}

function figuresOf(
  status: JobStatusView,
  live: LiveJob,
  checkpoints: CheckpointsView | undefined,
): readonly FigureProps[] {
  const { atMs, records, stateBytes, keys, deadLetters, lateElements, epochs, job } = status;
  const lag = lagOf(status);
  const late = Object.values(lateElements).reduce((sum, one) => sum + one, 0);
  const newest = checkpoints?.history.find(({ status }) => status === "complete");
  return [
    {
      name: "Throughput",
      value: rate(live.rates.value["records"] ?? 0),
      unit: "/s",
      note: `${count(records)} records`,
    },
    {
      name: "Lag",
      value: lag === undefined ? "–" : duration(lag.lagMs),
      note: lag?.behind === "newest" ? "behind the foremost stage" : "behind the clock",
    },
    { name: "Watermark", ...watermarkFigure(status) },
    { name: "State", value: bytes(stateBytes), note: `${count(keys)} keys` },
    {
      name: "Last checkpoint",
      value: newest?.endedMs === undefined ? "–" : `${duration(atMs - newest.endedMs)}`,
      ...(newest?.endedMs !== undefined && { unit: "ago" }),
      note: epochs.completed === undefined ? "none is complete" : `epoch ${epochs.completed}`,
      tone: epochs.failedInARow > 0 ? "warn" : undefined,
    },
    {
      name: "Dead letters",
      value: <a href={hashOf({ job, page: "deadletters" })}>{count(deadLetters)}</a>,
      note: `${count(late)} late`,
      tone: deadLetters > 0 ? "bad" : undefined,
    },
  ];
}

/** A date has no room beside its time: it stands below. */
function watermarkFigure(status: JobStatusView): Pick<FigureProps, "value" | "note"> {
  const ms = slowest(status);
  if (typeof ms !== "number") return { value: watermark(ms, status.atMs), note: "slowest stage" };
  return {
    value: watermark(Math.floor(ms / 1_000) * 1_000, ms),
    note: new Date(ms).toISOString().slice(0, 10),
  };
}

function Charts({ live }: { readonly live: LiveJob }): JSX.Element {
  const samples = live.samples.value;
  const [throughput, lag, state, commits] = useMemo(
    () => [
      seriesOf(growthOf(samples, ({ records }) => records)),
      seriesOf(
        samples.map(({ atMs, watermarkLagMs: ms }) => ({
          atMs,
          value: ms === undefined || isHistory(ms) ? undefined : Math.max(0, ms),
        })),
      ),
      seriesOf(samples.map(({ atMs, stateBytes }) => ({ atMs, value: stateBytes }))),
      seriesOf(growthOf(samples, ({ commits }) => commits)),
    ],
    [samples],
  );
  return (
    <div class="charts">
      <Chart title="Records per second" series={throughput} shown={rate} />
      {lag.values.some((value) => value !== null) ? (
        <Chart title="Lag of the slowest watermark" series={lag} shown={duration} />
      ) : (
        // Event time of long ago has no lag that says anything.
        <Chart title="Commits per second" series={commits} shown={rate} />
      )}
      <Chart title="State" series={state} shown={bytes} />
    </div>
  );
}

/** What somebody should look at, and is no number. */
function Faults({ status }: { readonly status: JobStatusView }): JSX.Element | null {
  const { tableKeyMismatches, epochs, ringUsedPercent } = status;
  const faults = [
    ...tableKeyMismatches.map(({ sink, table, fault }) => `Sink ${sink}, table ${table}: ${fault}`),
    ...(epochs.failedInARow > 0
      ? [`${epochs.failedInARow} checkpoints in a row have failed${because(epochs.reason)}.`]
      : []),
    ...(ringUsedPercent >= 80
      ? ["A slot's log is nearly full: its parts are not written as fast as it commits."]
      : []),
  ];
  if (faults.length === 0) return null;
  return (
    <div class="notice" role="alert">
      {faults.map((fault) => (
        <p key={fault}>{fault}</p>
      ))}
    </div>
  );
}

const because = (reason: string | undefined): string => (reason === undefined ? "" : `: ${reason}`);
