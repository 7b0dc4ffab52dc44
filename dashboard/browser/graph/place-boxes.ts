import { Graph, layout } from "@dagrejs/dagre";

/** A box to be placed; its ports stand on its right side, at so much below its top. */
export interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

export interface Arrow {
  readonly from: string;
  readonly to: string;
  /** Where it leaves and where it arrives, below the boxes' tops. Default: in their middle. */
  readonly fromY?: number;
  readonly toY?: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface PlacedBoxes {
  readonly width: number;
  readonly height: number;
  /** Left upper corners, by id. */
  readonly corners: ReadonlyMap<string, Point>;
  /** Where each arrow goes through, in the order of the arrows: from a box's right side to another one's left side. */
  readonly ways: readonly (readonly Point[])[];
}

const gap = { between: 28, ranks: 108, margin: 16 };

/**
 * Places boxes from left to right, so that arrows lead to the right and few of them cross. Dagre knows nothing of where arrows leave a box:
 * of its own order and that of the arrows the better one is taken.
 */
export function placeBoxes(boxes: readonly Box[], arrows: readonly Arrow[]): PlacedBoxes {
  const [own, given] = [false, true].map((keepsOrder) => placed(boxes, arrows, keepsOrder));
  return crossings(given!.ways) <= crossings(own!.ways) ? given! : own!;
}

function placed(boxes: readonly Box[], arrows: readonly Arrow[], keepsOrder: boolean): PlacedBoxes {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({
    rankdir: "LR",
    nodesep: gap.between,
    ranksep: gap.ranks,
    marginx: gap.margin,
    marginy: gap.margin,
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  const fromTop = [...arrows.entries()].toSorted(
    ([, upper], [, lower]) => (upper.fromY ?? 0) - (lower.fromY ?? 0),
  );
  for (const [at, { from, to }] of fromTop) graph.setEdge(from, to, {}, String(at));
  layout(graph, { disableOptimalOrderHeuristic: keepsOrder });
  const corners = new Map(
    boxes.map(({ id, width, height }) => {
      const { x, y } = graph.node(id) as Point;
      return [id, { x: x - width / 2, y: y - height / 2 }];
    }),
  );
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const sizes = new Map(boxes.map((box) => [box.id, box]));
  const ways = arrows.map((arrow, at) => {
    const { points } = graph.edge(arrow.from, arrow.to, String(at)) as { points: Point[] };
    const { from, to, fromY, toY } = arrow;
    const [left, right] = [sizes.get(from)!, sizes.get(to)!];
    const [start, end] = [corners.get(from)!, corners.get(to)!];
    // Dagre's own ends lie where a line to the middle of a box meets its border.
    return [
      { x: start.x + left.width, y: start.y + (fromY ?? left.height / 2) },
      ...passages(points),
      { x: end.x, y: end.y + (toY ?? right.height / 2) },
    ];
  });
  return { width, height, corners, ways };
}

/** Where a way passes boxes: of Dagre's points each second one, for it has one more between every two columns. */
const passages = (points: readonly Point[]): readonly Point[] =>
  points.slice(1, -1).filter((_, at) => at % 2 === 1);

/** How often ways change sides between two columns. */
function crossings(ways: readonly (readonly Point[])[]): number {
  const parts = ways.flatMap((way) => way.slice(1).map((end, at) => ({ start: way[at]!, end })));
  return parts.reduce(
    (count, one, at) =>
      count +
      parts
        .slice(at + 1)
        .filter(
          ({ start, end }) =>
            start.x < one.end.x &&
            one.start.x < end.x &&
            (start.y - one.start.y) * (end.y - one.end.y) < 0,
        ).length,
    0,
  );
}

/** A way as the `d` of an SVG path: a curve that is level at each of its points. */
export function curveOf(points: readonly Point[]): string {
  const [first, ...others] = points;
  if (first === undefined) return "";
  let path = `M${short(first)}`;
  let before = first;
  for (const point of others) {
    const half = (point.x - before.x) / 2;
    path += `C${short({ x: before.x + half, y: before.y })} ${short({ x: point.x - half, y: point.y })} ${short(point)}`;
    before = point;
  }
  return path;
}

const short = ({ x, y }: Point): string => `${Math.round(x * 10) / 10},${Math.round(y * 10) / 10}`;
