import type { JSX } from "preact";
import type { CheckpointsView } from "../../../http/schemas/checkpoints.ts";
import { bytes } from "../format/numbers.ts";
import { duration } from "../format/times.ts";
import { Section } from "../parts/section.tsx";
import { type Column, Table } from "../parts/table.tsx";

type Summary = NonNullable<CheckpointsView["summary"]>;

interface Line {
  readonly name: string;
  readonly values: Summary["durationMs"];
  readonly shown: (value: number) => string;
}

/** How long checkpoints take and how large they are, over all that are retained. */
export function CheckpointSummary({ summary }: { readonly summary: Summary }): JSX.Element {
  const lines: readonly Line[] = [
    { name: "Took", values: summary.durationMs, shown: duration },
    { name: "New", values: summary.newBytes, shown: bytes },
    { name: "Holds", values: summary.totalBytes, shown: bytes },
  ];
  return (
    <Section title="Summary" note="over the complete ones that are retained">
      <Table caption="Summary" columns={columns} rows={lines} rowKey={({ name }) => name} />
    </Section>
  );
}

const shares = ["min", "average", "p50", "p95", "p99", "max"] as const;

const columns: readonly Column<Line>[] = [
  { name: "What", cell: ({ name }) => name },
  ...shares.map((share) => ({
    name: share,
    kind: "number" as const,
    cell: ({ values, shown }: Line) => shown(values[share]),
  })),
];
