import { expect, test } from "vitest";
import type { PlanView } from "../../../http/schemas/plan.ts";
import { conditionOf } from "../../../dashboard/browser/graph/condition.ts";
import { curveOf, placeBoxes } from "../../../dashboard/browser/graph/place-boxes.ts";
import { stageBoxes } from "../../../dashboard/browser/graph/stage-boxes.ts";

const operator = (name: string, kind = "map") => ({
  name,
  kind,
  stateful: false,
  states: [],
  gives: "append" as const,
});
const edge = (from: string, to: string, route: PlanView["edges"][number]["route"]) => ({
  from,
  to,
  route,
  changes: "append" as const,
});

const plan: Pick<PlanView, "stages" | "edges"> = {
  stages: [
    {
      id: "orders",
      kind: "source",
      owner: "orders",
      operators: [operator("orders/orders", "source")],
    },
    {
      id: "sums",
      kind: "exchange",
      owner: "exchange",
      key: "country",
      operators: [operator("sums/sums"), operator("sums/map-3"), operator("sums/sink-4", "sink")],
    },
    {
      id: "ranks",
      kind: "exchange",
      owner: "exchange",
      operators: [operator("ranks/ranks")],
    },
  ],
  edges: [
    edge("orders/orders", "sums/sums", "key"),
    edge("sums/sums", "sums/map-3", "chain"),
    edge("sums/sums", "sums/sink-4", "chain"),
    edge("sums/map-3", "ranks", "key"),
    { ...edge("orders/orders", "ranks", "broadcast"), tag: "rules" },
  ],
};

test("each stage is a box with its operators below each other, and a tree is seen", () => {
  const { boxes } = stageBoxes(plan);
  expect(boxes.map(({ id }) => id)).toEqual(["orders", "sums", "ranks"]);
  expect(boxes[1]?.rows.map(({ operator, indent }) => [operator.name, indent])).toEqual([
    ["sums/sums", 0],
    ["sums/map-3", 1],
    ["sums/sink-4", 1],
  ]);
  const ys = boxes[1]!.rows.map(({ y }) => y);
  expect(ys).toEqual(ys.toSorted((left, right) => left - right));
  expect(Math.max(...ys)).toBeLessThan(boxes[1]!.height);
});

test("arrows lead between stages only, from the operator that sends", () => {
  expect(
    stageBoxes(plan).arrows.map(({ from, to, operator, route, tag }) => ({
      from,
      to,
      operator,
      route,
      ...(tag !== undefined && { tag }),
    })),
  ).toEqual([
    { from: "orders", to: "sums", operator: "orders/orders", route: "key" },
    { from: "sums", to: "ranks", operator: "sums/map-3", route: "key" },
    { from: "orders", to: "ranks", operator: "orders/orders", route: "broadcast", tag: "rules" },
  ]);
});

test("boxes don't overlap, and every arrow leads to the right", () => {
  const { boxes, arrows } = stageBoxes(plan);
  const { corners, ways, width, height } = placeBoxes(boxes, arrows);
  for (const [at, box] of boxes.entries()) {
    const corner = corners.get(box.id)!;
    expect(corner.x + box.width).toBeLessThanOrEqual(width);
    expect(corner.y + box.height).toBeLessThanOrEqual(height);
    for (const other of boxes.slice(at + 1)) {
      const there = corners.get(other.id)!;
      const apart =
        corner.x + box.width <= there.x ||
        there.x + other.width <= corner.x ||
        corner.y + box.height <= there.y ||
        there.y + other.height <= corner.y;
      expect(apart, `${box.id} and ${other.id}`).toBe(true);
    }
  }
  for (const way of ways) {
    const xs = way.map(({ x }) => x);
    expect(xs).toEqual(xs.toSorted((left, right) => left - right));
  }
});

test("boxes stand in the order in which arrows leave the one that feeds them", () => {
  const boxes = ["feeder", "c", "a", "b"].map((id) => ({ id, width: 100, height: 60 }));
  const arrows = ["c", "a", "b"].map((to) => ({
    from: "feeder",
    to,
    fromY: { a: 10, b: 20, c: 30 }[to]!,
  }));
  const { corners } = placeBoxes(boxes, arrows);
  const [a, b, c] = ["a", "b", "c"].map((id) => corners.get(id)!.y);
  expect(a).toBeLessThan(b!);
  expect(b).toBeLessThan(c!);
});

test("a way is drawn from its first point to its last", () => {
  const path = curveOf([
    { x: 0, y: 10 },
    { x: 40, y: 10 },
    { x: 100, y: 50.04 },
  ]);
  expect(path).toBe("M0,10C20,10 20,10 40,10C70,10 70,50 100,50");
  expect(curveOf([])).toBe("");
});

const slot = {
  slot: "exchange/1",
  owner: "exchange",
  version: 1,
  records: 1,
  stateBytes: 0,
  keys: 0,
  deadLetters: 0,
  ringUsedPercent: 5,
  watermarkMs: 0,
  quietMs: 0,
};
const progress = {
  name: "sums/sums",
  stage: "sums",
  received: 10,
  late: 0,
  watermarkMs: 0,
  idle: false,
  stateBytes: 0,
  deadLetters: 0,
};
const calm = { slots: [slot], operators: [progress], exchangeLagMs: 0 };
const flowing = { "sums/sums": 3 };

test.each([
  ["flowing", calm, flowing],
  ["quiet", calm, {}],
  ["refusing", { ...calm, operators: [{ ...progress, deadLetters: 1 }] }, flowing],
  ["behind", { ...calm, exchangeLagMs: 60_000 }, flowing],
  ["full", { ...calm, slots: [{ ...slot, ringUsedPercent: 95 }] }, flowing],
  ["flowing", { ...calm, slots: [{ ...slot, owner: "orders", ringUsedPercent: 95 }] }, flowing],
] as const)("a stage is %s", (condition, status, rates) => {
  expect(conditionOf(plan.stages[1]!, { status, rates })).toBe(condition);
});
