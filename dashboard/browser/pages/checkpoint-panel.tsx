import type { JSX } from "preact";
import type { CheckpointDetail } from "../../../http/schemas/checkpoints.ts";
import { bytes, count } from "../format/numbers.ts";
import { watermark, type WrittenMs } from "../format/times.ts";
import { pathOf } from "../live/client.ts";
import { useResource } from "../live/resource.ts";
import { hashOf } from "../live/route.ts";
import { Problem } from "../parts/problem.tsx";
import { Section } from "../parts/section.tsx";
import { type Column, numbers, Table } from "../parts/table.tsx";

export interface CheckpointPanelProps {
  readonly job: string;
  /** `<generation>-<epoch>` */
  readonly epoch: string;
}

/** What each slot has given to a checkpoint. */
export function CheckpointPanel({ job, epoch }: CheckpointPanelProps): JSX.Element {
  const path = pathOf("jobs", job, "checkpoints", epoch);
  const { answer, problem } = useResource<CheckpointDetail>(path, "");
  const close = <a href={hashOf({ job, page: "checkpoints" })}>close</a>;
  return (
    <Section title={`Checkpoint ${epoch.replace("-", "/")}`} note={close}>
      {problem !== undefined && <Problem problem={problem} />}
      {answer !== undefined && (
        <Table
          caption={`Slots of checkpoint ${epoch}`}
          columns={columns}
          rows={answer.slots}
          rowKey={({ slot }) => slot}
        />
      )}
    </Section>
  );
}

type Slot = CheckpointDetail["slots"][number];

const columns: readonly Column<Slot>[] = [
  { name: "Slot", cell: ({ slot }) => <span class="mono">{slot}</span>, sort: ({ slot }) => slot },
  numbers("Version", ({ version }) => version, count),
  numbers("Records", ({ records }) => records, count),
  numbers("Keys", ({ keys }) => keys, count),
  numbers("State", ({ stateBytes }) => stateBytes, bytes),
  numbers("In flight", ({ inFlightBytes }) => inFlightBytes, bytes),
  numbers("Segments", ({ segments }) => segments, count),
  {
    name: "Watermark",
    kind: "number",
    cell: ({ watermarksMs }) => shownWatermark(Object.values(watermarksMs)),
  },
  { name: "Read up to", cell: ({ sequence }) => <span class="mono">{sequence ?? ""}</span> },
];

function shownWatermark(all: readonly WrittenMs[]): string {
  const times = all.filter((ms) => typeof ms === "number");
  const slowest = times.length > 0 ? Math.min(...times) : (all[0] ?? "none");
  return watermark(slowest, typeof slowest === "number" ? slowest : 0);
}
