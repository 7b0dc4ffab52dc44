import { written } from "../runtime/job/progress.ts";
import { shownTime, shownValue, shownWindowTimes } from "./shown-time.ts";
import type { Lane, LaneTimer, TimedElement, TimedWindow, Timeline } from "./timeline.ts";

const width = 760;
const labelWidth = 150;
const topHeight = 34;
const laneHeight = 34;
const axisHeight = 30;
const barHeight = 22;
const radius = 5;
/** About so many marks on the axis. */
const ticks = 5;

/** Places on the drawing, by the time that they stand for. */
type Place = (timeMs: number) => number;

/** A timeline as an SVG: colours and lines come from the classes of its parts (`mr-late`, `mr-window`, …). */
export function timelineSvg(timeline: Timeline): string {
  const { lanes, elements } = timeline;
  const height = topHeight + lanes.length * laneHeight + axisHeight;
  const place = placeOn(timeline);
  const parts = [
    `<svg class="mr-timeline" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(labelOf(timeline))}" xmlns="http://www.w3.org/2000/svg">`,
    watermark(timeline, place, height - axisHeight),
    `<text class="mr-label" x="4" y="${topHeight / 2 + 4}">elements</text>`,
    ...elements.map((element) => dot(element, place)),
    ...lanes.flatMap((lane, at) => laneParts(lane, topHeight + at * laneHeight, place)),
    ...axis(timeline, place, height - axisHeight),
    "</svg>",
  ];
  return parts.join("");
}

function placeOn({ fromMs, toMs }: Timeline): Place {
  return (timeMs) => {
    const share = (Math.min(Math.max(timeMs, fromMs), toMs) - fromMs) / (toMs - fromMs);
    return Math.round(labelWidth + share * (width - labelWidth));
  };
}

function labelOf({ elements, lanes, watermarkMs }: Timeline): string {
  const windows = lanes.flatMap((lane) => lane.windows);
  const late = elements.filter(({ isLate }) => isLate).length;
  return (
    `Event time: ${elements.length} elements, ${late} late; ` +
    `${windows.length} windows, ${windows.filter(({ fired }) => fired).length} fired; watermark ${shownTime(written(watermarkMs))}`
  );
}

/** What the watermark has passed is over. */
function watermark({ watermarkMs }: Timeline, place: Place, bottom: number): string {
  if (watermarkMs === Number.NEGATIVE_INFINITY) return "";
  const x = place(watermarkMs);
  return (
    `<rect class="mr-over" x="${labelWidth}" y="0" width="${x - labelWidth}" height="${bottom}"/>` +
    `<line class="mr-watermark" x1="${x}" y1="0" x2="${x}" y2="${bottom}"><title>watermark ${shownTime(written(watermarkMs))}</title></line>`
  );
}

function dot({ line, document, timestampMs, isLate, isNew }: TimedElement, place: Place): string {
  const [x, y] = [place(timestampMs), topHeight / 2];
  const name = `mr-element${isLate ? " mr-late" : ""}${isNew ? " mr-new" : ""}`;
  const title = `<title>line ${line}${isLate ? ", late" : ""}: ${shownTime(timestampMs)} ${escaped(document)}</title>`;
  // Late ones have another shape as well: not everybody sees red.
  return isLate
    ? `<path class="${name}" d="M${x - radius} ${y - radius}l${2 * radius} ${2 * radius}m0 ${-2 * radius}l${-2 * radius} ${2 * radius}">${title}</path>`
    : `<circle class="${name}" cx="${x}" cy="${y}" r="${radius}">${title}</circle>`;
}

function laneParts({ operator, key, windows, timers }: Lane, y: number, place: Place): string[] {
  const name = `${operator}: ${shownValue(key)}`;
  return [
    `<line class="mr-line" x1="0" y1="${y}" x2="${width}" y2="${y}"/>`,
    `<text class="mr-label" x="4" y="${y + laneHeight / 2 + 4}">${escaped(shortened(name, labelWidth))}<title>${escaped(name)}</title></text>`,
    ...windows.map((window) => bar(window, y, place)),
    ...timers.map((timer) => timerMark(timer, y, place)),
  ];
}

function bar(window: TimedWindow, y: number, place: Place): string {
  const { startMs, endMs, fired, isNew, accumulator } = window;
  const x = place(startMs);
  const room = Math.max(2, place(endMs) - x - 2);
  const name = `mr-window${fired ? " mr-fired" : ""}${isNew ? " mr-new" : ""}`;
  const content = shownValue(accumulator ?? "");
  const title = `${shownWindowTimes(window)}, ${fired ? "fired" : "open"}: ${content}`;
  return (
    `<rect class="${name}" x="${x + 1}" y="${y + (laneHeight - barHeight) / 2}" width="${room}" height="${barHeight}" rx="3"><title>${escaped(title)}</title></rect>` +
    `<text class="mr-content" x="${x + 6}" y="${y + laneHeight / 2 + 4}">${escaped(shortened(content, room - 10))}</text>`
  );
}

function timerMark({ name, timeMs }: LaneTimer, y: number, place: Place): string {
  const [x, middle] = [place(timeMs), y + laneHeight / 2];
  return `<path class="mr-timer" d="M${x} ${middle - radius}l${radius} ${radius}l${-radius} ${radius}l${-radius} ${-radius}z"><title>timer ${escaped(name)}: ${shownTime(timeMs)}</title></path>`;
}

function axis({ fromMs, toMs }: Timeline, place: Place, y: number): string[] {
  const stepMs = roundStep((toMs - fromMs) / ticks);
  const marks: string[] = [
    `<line class="mr-axis" x1="${labelWidth}" y1="${y}" x2="${width}" y2="${y}"/>`,
  ];
  for (let atMs = Math.ceil(fromMs / stepMs) * stepMs; atMs <= toMs; atMs += stepMs) {
    const x = place(atMs);
    marks.push(
      `<line class="mr-axis" x1="${x}" y1="${y}" x2="${x}" y2="${y + 5}"/>`,
      `<text class="mr-tick" x="${x}" y="${y + 19}">${shownTime(atMs)}</text>`,
    );
  }
  return marks;
}

const roundStepsMs = [
  1, 10, 100, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000,
  900_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000, 43_200_000, 86_400_000,
];

function roundStep(stepMs: number): number {
  return (
    roundStepsMs.find((round) => round >= stepMs) ?? Math.ceil(stepMs / 86_400_000) * 86_400_000
  );
}

const characterWidth = 6.6;

function shortened(text: string, room: number): string {
  const fitting = Math.floor(room / characterWidth);
  if (text.length <= fitting) return text;
  return fitting < 2 ? "" : `${text.slice(0, fitting - 1)}…`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
