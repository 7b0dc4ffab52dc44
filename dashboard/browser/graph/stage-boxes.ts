import type { PlanView } from "../../../http/schemas/plan.ts";
import type { Arrow, Box } from "./place-boxes.ts";

type Stage = PlanView["stages"][number];
type Operator = Stage["operators"][number];

export const rowHeight = 26;
export const headHeight = 44;
const footHeight = 8;
const indentWidth = 12;
const stageWidthMin = 176;
const letterWidth = 7;

/** An operator's line in the box of its stage. */
export interface OperatorRow {
  readonly operator: Operator;
  /** How deep it stands in the chain: below what feeds it. */
  readonly indent: number;
  /** Its middle, below the box's top. */
  readonly y: number;
}

export interface StageBox extends Box {
  readonly stage: Stage;
  readonly rows: readonly OperatorRow[];
}

/** What goes from one stage to another; the operator that sends. */
export interface StageArrow extends Arrow {
  readonly operator: string;
  readonly route: PlanView["edges"][number]["route"];
  readonly tag?: string;
  /** Operator that is given what comes here, and nothing else: then its rate is the arrow's. */
  readonly alone?: string;
}

export interface GraphModel {
  readonly boxes: readonly StageBox[];
  readonly arrows: readonly StageArrow[];
}

/** A plan as boxes with their operators' lines, and arrows between them. */
export function stageBoxes({ stages, edges }: Pick<PlanView, "stages" | "edges">): GraphModel {
  const sized = stages.map((stage) => boxOf(stage, depthsOf(stage, edges)));
  // Of one width, they stand in columns.
  const width = Math.max(...sized.map((box) => box.width));
  const boxes = sized.map((box) => ({ ...box, width }));
  const boxById = new Map(boxes.map((box) => [box.id, box]));
  const rowByName = new Map(
    boxes.flatMap((box) =>
      box.rows.map((row) => [row.operator.name, { ...row, id: box.id }] as const),
    ),
  );
  const all = edges.flatMap(({ from, to, route, tag }): readonly StageArrow[] => {
    const source = rowByName.get(from);
    const target = rowByName.get(to) ?? boxById.get(to);
    if (source === undefined || target === undefined || source.id === target.id) return [];
    return [
      {
        from: source.id,
        to: target.id,
        operator: from,
        fromY: source.y,
        toY: headHeight / 2,
        route,
        ...(tag !== undefined && { tag }),
      },
    ];
  });
  return { boxes, arrows: all.map((arrow) => ({ ...arrow, ...aloneInto(arrow, all, boxById) })) };
}

function aloneInto(
  { to }: StageArrow,
  all: readonly StageArrow[],
  boxes: ReadonlyMap<string, StageBox>,
): Pick<StageArrow, "alone"> {
  const [first] = boxes.get(to)?.rows ?? [];
  const others = all.filter((arrow) => arrow.to === to);
  return first === undefined || others.length > 1 ? {} : { alone: first.operator.name };
}

function depthsOf(stage: Stage, edges: PlanView["edges"]): ReadonlyMap<string, number> {
  const inside = new Set(stage.operators.map(({ name }) => name));
  const depths = new Map<string, number>();
  // Operators stand behind what feeds them.
  for (const { name } of stage.operators) {
    const feeder = edges.find(({ from, to }) => to === name && inside.has(from))?.from;
    depths.set(name, feeder === undefined ? 0 : (depths.get(feeder) ?? 0) + 1);
  }
  return depths;
}

function boxOf(stage: Stage, depths: ReadonlyMap<string, number>): StageBox {
  // One that follows the other is a chain, and no tree: nothing needs to be told apart.
  const isChain = new Set(depths.values()).size === depths.size;
  const rows = stage.operators.map((operator, at) => ({
    operator,
    indent: isChain ? 0 : (depths.get(operator.name) ?? 0),
    y: headHeight + at * rowHeight + rowHeight / 2,
  }));
  const widths = rows.map(
    ({ operator, indent }) => 88 + indent * indentWidth + labelOf(operator).length * letterWidth,
  );
  const titles = [stage.id.length * letterWidth + 88, (stage.key?.length ?? 0) * 6.4 + 40];
  return {
    id: stage.id,
    stage,
    rows,
    width: Math.round(Math.min(380, Math.max(stageWidthMin, ...widths, ...titles))),
    height: headHeight + rows.length * rowHeight + footHeight,
  };
}

/** An operator in its box: what it does, and what it is called where it has a name. */
export const labelOf = ({ kind, uid }: Pick<Operator, "kind" | "uid">): string =>
  uid === undefined ? kind : `${kind} ${uid}`;
