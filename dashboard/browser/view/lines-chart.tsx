import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type uPlot from "uplot";
import { axesIn, inUtc, usePlot } from "../chart/use-plot.ts";
import type { Lines } from "./view-rows.ts";

export interface LinesChartProps {
  readonly title: string;
  readonly lines: Lines;
  readonly shown: (value: number) => string;
}

const height = 320;

/** Lines over time, each with its colour and its newest value. */
export function LinesChart({ title, lines, shown }: LinesChartProps): JSX.Element {
  const data = useMemo(
    () =>
      [[...lines.seconds], ...lines.lines.map(({ values }) => [...values])] as uPlot.AlignedData,
    [lines],
  );
  const place = usePlot({
    height,
    data,
    version: lines.lines.map(({ name }) => name).join("\n"),
    optionsIn: (colour) => ({
      legend: { show: false },
      tzDate: inUtc,
      cursor: { y: false, drag: { x: false, y: false } },
      axes: axesIn(colour, shown),
      series: [
        {},
        ...lines.lines.map(({ name }, at) => ({
          label: name,
          stroke: colour(`--line-${at}`),
          width: 1.5,
          spanGaps: true,
          points: { show: lines.seconds.length < 40, size: 4 },
        })),
      ],
    }),
  });
  return (
    <figure class="lines">
      <div ref={place} role="img" aria-label={`${title}: ${lines.lines.length} lines over time`} />
      <ul class="keys" aria-label="Lines">
        {lines.lines.map(({ name, values }, at) => (
          <li key={name}>
            <i class={`key-${at}`} />
            {name} <b>{shownLast(values, shown)}</b>
          </li>
        ))}
        {lines.left > 0 && <li class="soft">and {lines.left} more</li>}
      </ul>
    </figure>
  );
}

function shownLast(values: readonly (number | null)[], shown: (value: number) => string): string {
  const last = values.findLast((value) => value !== null);
  return typeof last === "number" ? shown(last) : "";
}
