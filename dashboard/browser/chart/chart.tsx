import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import uPlot from "uplot";
import { inWords, type Series } from "./series.ts";
import { axesIn, inUtc, usePlot } from "./use-plot.ts";

export interface ChartProps {
  readonly title: string;
  readonly series: Series;
  readonly shown: (value: number) => string;
}

const height = 132;
const spanMinSeconds = 60;
/** Charts that are seen together show the same moment. */
const sync = uPlot.sync("console");

/** One line over time, with the value at the pointer, or the newest. */
export function Chart({ title, series, shown }: ChartProps): JSX.Element {
  const pointed = useSignal<number | null>(null);
  const data = useMemo(
    (): uPlot.AlignedData => [[...series.seconds], [...series.values]],
    [series],
  );
  const place = usePlot({
    height,
    data,
    version: title,
    optionsIn: (colour) => ({
      legend: { show: false },
      tzDate: inUtc,
      cursor: {
        sync: { key: sync.key },
        y: false,
        drag: { x: false, y: false },
        points: { size: 5 },
      },
      scales: {
        // A line that has just begun doesn't fill the whole width.
        x: { range: (_, min, max) => [Math.min(min, max - spanMinSeconds), max] },
        y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
      },
      axes: axesIn(colour, shown),
      series: [
        {},
        {
          stroke: colour("--water"),
          fill: colour("--water-soft"),
          width: 1.5,
          points: { show: false },
        },
      ],
      hooks: { setCursor: [({ cursor }) => (pointed.value = cursor.idx ?? null)] },
    }),
  });
  const at = pointed.value ?? series.values.findLastIndex((value) => value !== null);
  const value = series.values[at];
  return (
    <figure class="chart">
      <figcaption>
        <h2>{title}</h2>
        <span class="chart-value">{typeof value === "number" ? shown(value) : "–"}</span>
      </figcaption>
      <div ref={place} role="img" aria-label={`${title}: ${inWords(series, shown)}`} />
    </figure>
  );
}
