import fc from "fast-check";
import { expect, test } from "vitest";
import type { DataStream, StreamEnvironment } from "../../../runtime/index.ts";
import { nodeAt } from "../../../runtime/graph/node-at.ts";
import { liveNodes } from "../../../runtime/planner/producers.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import type { Plan } from "../../../runtime/plan/plan.ts";
import { append, byShop, graphOf, type Order, orders } from "../plan/fixture/jobs.ts";
import { rounds } from "../../rounds.ts";

/** One step of a random program: what to do, and with which of the streams so far. */
interface Step {
  readonly does: "map" | "filter" | "byShop" | "byItem" | "hidden" | "union" | "rows" | "append";
  readonly on: number;
  readonly with: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  does: fc.constantFrom("map", "filter", "byShop", "byItem", "hidden", "union", "rows", "append"),
  on: fc.nat(),
  with: fc.nat(),
});

function run(env: StreamEnvironment, steps: readonly Step[]): void {
  const streams: DataStream<Order>[] = [
    orders(env, "orders", { partitionedBy: (order) => order.shop }),
    orders(env, "returns"),
  ];
  const pick = (place: number) => streams[place % streams.length] as DataStream<Order>;
  for (const [number, { does, on, with: other }] of steps.entries()) {
    const stream = pick(on);
    const uid = `${does}-${number}`;
    const keyed = (select: (order: Order) => string) =>
      streams.push(
        stream.keyBy(select).reduce((_, order) => order, { uid, retract: (left) => left }),
      );
    if (does === "map") streams.push(stream.map((order) => order));
    else if (does === "filter") streams.push(stream.filter(() => true));
    else if (does === "byShop") keyed((order) => order.shop);
    else if (does === "byItem") keyed((order) => order.item);
    else if (does === "hidden") keyed((order) => order.shop.trim());
    // A map each, so that no stream is united with itself.
    else if (does === "union") streams.push(stream.map((o) => o).union(pick(other).map((o) => o)));
    else stream.sinkTo(does === "rows" ? byShop(`t-${uid}`) : append(), { uid });
  }
  for (const [number, stream] of streams.entries())
    stream.sinkTo(append(), { uid: `end-${number}` });
}

function checkPlan(plan: Plan): void {
  const ids = plan.stages.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const [position, stage] of plan.stages.entries()) {
    const earlier = ids.slice(0, position);
    for (const id of stage.upstream) expect(earlier).toContain(id);
    expect(stage.upstream.length === 0).toBe(stage.kind === "source");
    const before: (number | "input")[] = ["input"];
    for (const operator of stage.operators) {
      expect(operator.inputs.length).toBeGreaterThan(0);
      for (const { from } of operator.inputs) expect(before).toContain(from);
      for (const send of operator.sends)
        expect(plan.stages.find(({ id }) => id === send.stage)?.upstream).toContain(stage.id);
      before.push(operator.node);
    }
  }
}

test("whatever the graph, all that leads to a sink is placed, in order, and rows have one writer", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
      const graph = graphOf((env) => run(env, steps));
      const plan = buildPlan(graph);
      checkPlan(plan);
      for (const id of liveNodes(graph)) {
        const node = nodeAt(graph, id);
        if (node.kind === "keyBy" || node.kind === "union") continue;
        const homes = plan.stages.filter((stage) =>
          stage.operators.some((operator) => operator.node === id),
        );
        expect(homes.length).toBeGreaterThan(0);
        if (node.kind === "reduce" || (node.kind === "sink" && node.sink.keyFields !== undefined))
          expect(homes).toHaveLength(1);
        if (node.kind === "sink" && node.sink.keyFields !== undefined)
          expect(homes[0]?.keyedBy?.fields).toEqual(["shop"]);
      }
    }),
    { numRuns: rounds({ few: 60, many: 300 }) },
  );
});
