import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { tick } from "../format/times.ts";

export interface PlotParts {
  /** Height in pixels; the width is that of the place. */
  readonly height: number;
  /** What is drawn and how, in the colours of the place. */
  readonly optionsIn: (colour: (name: string) => string) => Omit<uPlot.Options, "width" | "height">;
  readonly data: uPlot.AlignedData;
  /** A plot of other options is another plot. */
  readonly version: string;
}

/** Keeps a plot in an element: as wide as that is, with the newest data, in the colours of the page. */
export function usePlot({
  height,
  optionsIn,
  data,
  version,
}: PlotParts): RefObject<HTMLDivElement | null> {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const newest = useRef(data);
  newest.current = data;
  useEffect(() => {
    const root = place.current!;
    const make = (): void => {
      plot.current?.destroy();
      const options = optionsIn((name) => resolved(root, name));
      plot.current = new uPlot(
        { ...options, width: root.clientWidth, height },
        newest.current,
        root,
      );
    };
    make();
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: root.clientWidth, height }),
    );
    resized.observe(root);
    // A canvas knows nothing of CSS: in other colours it is drawn anew.
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", make);
    return () => {
      dark.removeEventListener("change", make);
      resized.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [version, height]);
  useEffect(() => plot.current?.setData(data), [data]);
  return place;
}

/** Axes as all charts have them: times below, values on the left. */
export function axesIn(
  colour: (name: string) => string,
  shown: (value: number) => string,
): uPlot.Axis[] {
  const axis = {
    stroke: colour("--soft"),
    font: "11px system-ui, sans-serif",
    ticks: { show: false },
    grid: { stroke: colour("--line"), width: 1 },
  };
  return [
    { ...axis, size: 24, space: 74, grid: { show: false }, values: timesBelow },
    { ...axis, size: 58, space: 34, gap: 6, values: (_, ticks) => ticks.map(shown) },
  ];
}

const timesBelow: uPlot.Axis.Values = (_, ticks) => {
  const spanMs = ((ticks.at(-1) ?? 0) - (ticks[0] ?? 0)) * 1_000;
  return ticks.map((seconds) => tick(seconds * 1_000, spanMs));
};

/** A time is the same wherever the page is looked at. */
export const inUtc = (seconds: number): Date => uPlot.tzDate(new Date(seconds * 1_000), "Etc/UTC");

/** A colour as the canvas takes it: `light-dark()` is CSS's alone. */
function resolved(root: HTMLElement, name: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  root.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
