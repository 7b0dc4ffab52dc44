import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { JobStatusView, OperatorProgressView } from "../../../http/schemas/job.ts";
import type { PlanView } from "../../../http/schemas/plan.ts";
import { rate } from "../format/numbers.ts";
import { watermark } from "../format/times.ts";
import { hashOf } from "../live/route.ts";
import { conditionOf, conditions } from "./condition.ts";
import { curveOf, placeBoxes, type PlacedBoxes, type Point } from "./place-boxes.ts";
import {
  headHeight,
  labelOf,
  rowHeight,
  type StageArrow,
  type StageBox,
  stageBoxes,
} from "./stage-boxes.ts";

export interface GraphViewProps {
  readonly plan: PlanView;
  readonly status: JobStatusView;
  readonly rates: Readonly<Record<string, number>>;
  /** Operator that is open. */
  readonly open: string | undefined;
}

/** The plan as a picture: a box per stage, a line per operator, and what flows. Each operator is a link. */
export function GraphView({ plan, status, rates, open }: GraphViewProps): JSX.Element {
  const { boxes, arrows } = useMemo(() => stageBoxes(plan), [plan]);
  const placed = useMemo(() => placeBoxes(boxes, arrows), [boxes, arrows]);
  const progress = useMemo(
    () => new Map(status.operators.map((operator) => [operator.name, operator])),
    [status],
  );
  const { width, height } = placed;
  return (
    <div class="graph scroll" tabIndex={0} role="region" aria-label="Graph of the job">
      <svg width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="group">
        <title>{`${plan.stages.length} stages of ${plan.job}`}</title>
        <defs>
          <marker
            id="tip"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            markerUnits="userSpaceOnUse"
            orient="auto"
          >
            <path d="M0 0L8 4L0 8z" />
          </marker>
        </defs>
        {arrows.map((arrow, at) => (
          <Way
            key={`${arrow.operator} ${arrow.to} ${arrow.tag}`}
            arrow={arrow}
            points={placed.ways[at]!}
            perSecond={arrow.alone === undefined ? undefined : (rates[arrow.alone] ?? 0)}
          />
        ))}
        {boxes.map((box) => (
          <Stage key={box.id} {...{ box, placed, status, rates, progress, open, job: plan.job }} />
        ))}
      </svg>
    </div>
  );
}

interface WayProps {
  readonly arrow: StageArrow;
  readonly points: readonly Point[];
  /** Absent: more than this comes to where it leads. */
  readonly perSecond: number | undefined;
}

function Way({ arrow, points, perSecond }: WayProps): JSX.Element {
  const end = points.at(-1)!;
  const { tag, route } = arrow;
  const words = [
    tag ?? (route === "key" ? undefined : route),
    perSecond === undefined ? undefined : `${rate(perSecond)}/s`,
  ].filter((word) => word !== undefined);
  return (
    <g class={`way way-${arrow.route}`}>
      <path
        d={curveOf(points)}
        stroke-width={1 + Math.log10(1 + (perSecond ?? 0)) * 0.4}
        marker-end="url(#tip)"
      />
      <text x={end.x - 12} y={end.y - 7} text-anchor="end">
        {words.join(" · ")}
      </text>
    </g>
  );
}

interface StageProps extends Omit<GraphViewProps, "plan"> {
  readonly job: string;
  readonly box: StageBox;
  readonly placed: PlacedBoxes;
  readonly progress: ReadonlyMap<string, OperatorProgressView>;
}

function Stage({ job, box, placed, status, rates, progress, open }: StageProps): JSX.Element {
  const { stage, width, height, rows } = box;
  const { x, y } = placed.corners.get(box.id)!;
  const condition = conditionOf(stage, { status, rates });
  const ms = status.watermarksMs[stage.id] ?? "none";
  return (
    <g class={`stage stage-${condition}`} transform={`translate(${x},${y})`}>
      <title>{`${stage.id}: ${conditions[condition]}`}</title>
      <rect class="stage-box" width={width} height={height} rx="5" />
      <path class="stage-edge" d={`M1.5 5V${height - 5}`} />
      <text class="stage-name" x="12" y="18">
        {stage.id}
      </text>
      <text class="stage-key" x="12" y="34">
        {stage.key === undefined
          ? stage.kind === "source"
            ? "source"
            : stage.kind
          : `by ${stage.key}`}
      </text>
      <text class="stage-time" x={width - 10} y="18" text-anchor="end">
        {watermark(ms, typeof ms === "number" ? ms : 0)}
      </text>
      <path class="stage-line" d={`M0 ${headHeight - 3}H${width}`} />
      {rows.map((row) => {
        const { name } = row.operator;
        const known = progress.get(name);
        const tone = (known?.deadLetters ?? 0) > 0 ? "bad" : (known?.late ?? 0) > 0 ? "warn" : "";
        return (
          <a
            key={name}
            href={hashOf({ job, page: "graph", open: name })}
            aria-current={open === name ? "true" : undefined}
          >
            <rect
              class="row"
              x="4"
              y={row.y - rowHeight / 2}
              width={width - 5}
              height={rowHeight}
              rx="3"
            />
            <text class={`row-name ${tone}`} x={12 + row.indent * 12} y={row.y + 4}>
              {labelOf(row.operator)}
            </text>
            <text class="row-rate" x={width - 10} y={row.y + 4} text-anchor="end">
              {rate(rates[name] ?? 0)}
              <tspan class="unit">/s</tspan>
            </text>
          </a>
        );
      })}
    </g>
  );
}

/** What the colours mean. */
export function GraphLegend(): JSX.Element {
  return (
    <ul class="legend" aria-label="Colours of stages">
      {Object.entries(conditions).map(([name, words]) => (
        <li key={name} class={`stage-${name}`}>
          {words}
        </li>
      ))}
    </ul>
  );
}
