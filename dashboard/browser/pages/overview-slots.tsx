import type { JSX } from "preact";
import type { JobStatusView } from "../../../http/schemas/job.ts";
import { bytes, count, percent } from "../format/numbers.ts";
import { duration, watermark } from "../format/times.ts";
import { slowest } from "../live/lag.ts";
import { Count, Meter, Section } from "../parts/section.tsx";
import { type Column, numbers, Table } from "../parts/table.tsx";

type Slot = JobStatusView["slots"][number];

/** Everything that runs, one line for each shard. */
export function Slots({ status }: { readonly status: JobStatusView }): JSX.Element {
  return (
    <Section title="Slots" note={`${status.slots.length} shards, each with a log of its own`}>
      <Table
        caption="Slots"
        columns={columnsOf(status)}
        rows={status.slots}
        rowKey={({ slot }) => slot}
      />
    </Section>
  );
}

function columnsOf(status: JobStatusView): readonly Column<Slot>[] {
  const near = slowest(status);
  const nearMs = typeof near === "number" ? near : status.atMs;
  return [
    {
      name: "Slot",
      cell: ({ slot }) => <span class="mono">{slot}</span>,
      sort: ({ slot }) => slot,
    },
    numbers("Records", ({ records }) => records, count),
    numbers("Commits", ({ version }) => version, count),
    numbers("Keys", ({ keys }) => keys, count),
    numbers("State", ({ stateBytes }) => (stateBytes === 0 ? undefined : stateBytes), bytes),
    {
      name: "Log used",
      kind: "number",
      cell: ({ ringUsedPercent }) => (
        <>
          {percent(ringUsedPercent)} <Meter percent={ringUsedPercent} />
        </>
      ),
      sort: ({ ringUsedPercent }) => ringUsedPercent,
    },
    {
      name: "Watermark",
      kind: "number",
      cell: ({ watermarkMs }) => watermark(watermarkMs, nearMs),
      sort: ({ watermarkMs: ms }) => (ms === "end" ? Infinity : ms === "none" ? undefined : ms),
    },
    numbers(
      "Quiet for",
      ({ quietMs }) => quietMs,
      (quietMs) => (quietMs < 1_000 ? "" : duration(quietMs)),
    ),
    numbers(
      "Dead letters",
      ({ deadLetters }) => deadLetters,
      (letters) => <Count value={letters} tone="bad" />,
    ),
  ];
}
