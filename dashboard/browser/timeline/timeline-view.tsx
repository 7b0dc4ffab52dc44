import type { JSX } from "preact";
import type { JobEventView } from "../../../http/schemas/history.ts";
import { moment } from "../format/times.ts";
import { type Axis, axisOf } from "./axis.ts";
import { lanes, toneOf } from "./lanes.ts";

export interface TimelineViewProps {
  readonly events: readonly JobEventView[];
  readonly nowMs: number;
}

const width = 1_000;
const laneHeight = 30;
const height = lanes.length * laneHeight;

/** All that happened, on one axis: a line for each sort of event, a mark for each event, as long as it took. */
export function TimelineView({ events, nowMs }: TimelineViewProps): JSX.Element {
  const axis = axisOf(
    events.flatMap(({ atMs, durationMs = 0 }) => [atMs - durationMs, atMs]),
    8,
  );
  return (
    <figure class="timeline">
      <div class="timeline-names" aria-hidden="true">
        {lanes.map(({ name }) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${events.length} events from ${moment(axis.fromMs, nowMs)} to ${moment(axis.toMs, nowMs)}; the list below has each`}
      >
        {axis.ticksMs.map((tick) => (
          <line
            key={tick}
            class="timeline-tick"
            x1={at(axis, tick)}
            x2={at(axis, tick)}
            y1="0"
            y2={height}
          />
        ))}
        {lanes.map(({ name, kinds }, lane) => (
          <g key={name} transform={`translate(0,${lane * laneHeight})`}>
            <line class="timeline-lane" x1="0" x2={width} y1={laneHeight} y2={laneHeight} />
            {events
              .filter(({ kind }) => kinds.includes(kind))
              .map((event) => (
                <Mark key={event.id} event={event} axis={axis} />
              ))}
          </g>
        ))}
      </svg>
      <div class="timeline-ticks" aria-hidden="true">
        {axis.ticksMs.map((tick) => (
          <span key={tick} style={{ left: `${axis.shareOf(tick) * 100}%` }}>
            {moment(tick, nowMs)}
          </span>
        ))}
      </div>
    </figure>
  );
}

const at = (axis: Axis, ms: number): number => axis.shareOf(ms) * width;

function Mark({ event, axis }: { readonly event: JobEventView; readonly axis: Axis }): JSX.Element {
  const { atMs, durationMs = 0, kind, text } = event;
  const end = at(axis, atMs);
  const start = at(axis, atMs - durationMs);
  return (
    <rect
      class={`mark mark-${toneOf(kind)}`}
      x={start - 1.5}
      width={end - start + 3}
      y="8"
      height={laneHeight - 15}
      rx="1"
    >
      <title>{text}</title>
    </rect>
  );
}
