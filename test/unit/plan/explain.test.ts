import { expect, test } from "vitest";
import { explainText } from "../../../runtime/plan/explain.ts";
import {
  type DataStream,
  type KeyedStream,
  type KeyValue,
  type SourceOptions,
  tumblingWindows,
} from "../../../runtime/index.ts";
import { append, type Order, orders, planOf } from "./fixture/jobs.ts";

function explained(
  keyed: (all: DataStream<Order>) => KeyedStream<Order, KeyValue>,
  partitionedBy?: SourceOptions<Order>["partitionedBy"],
): string {
  const options = partitionedBy === undefined ? {} : { partitionedBy };
  const plan = planOf((env) =>
    keyed(orders(env, "orders", options))
      .reduce((one) => one, { uid: "last" })
      .toChangelogStream()
      .sinkTo(append(), { uid: "out" }),
  );
  return explainText(plan);
}

test.each([
  ["named", (all: DataStream<Order>) => all.keyBy("shop"), "keyed by shop, fed"],
  ["a list", (all: DataStream<Order>) => all.keyBy(["shop", "item"]), "keyed by shop + item, fed"],
  [
    "seen",
    (all: DataStream<Order>) => all.keyBy((order) => [order.shop, order.item]),
    "keyed by shop + item (seen in its function), fed",
  ],
  [
    "not seen",
    (all: DataStream<Order>) => all.keyBy((order) => order.shop.trim()),
    "keyed by a function of the element (no fields can be seen in it), fed",
  ],
] as const)("fields of a key that are %s are told apart", (_, keyed, line) => {
  expect(explained(keyed)).toContain(`stage last: ${line} by orders, behind an exchange`);
});

test("windows of all elements together have one key, in one slot", () => {
  const plan = planOf((env) =>
    orders(env)
      .windowAll(tumblingWindows({ size: { hours: 1 } }), { uid: "hourly" })
      .process((all, { key }) => [{ key, count: all.length }])
      .sinkTo(append(), { uid: "out" }),
  );
  expect(explainText(plan)).toContain(
    "stage hourly: one key: all of it in one slot, fed by orders, behind an exchange",
  );
});

test("what a source is partitioned by stands beside what its stages are keyed by", () => {
  const text = explained((all) => all.keyBy("shop"), "shop");
  expect(text).toContain('reads stream "orders" from the earliest, partitioned by shop\n');
  expect(text).toContain('in the slots of stream "orders" without an exchange');
  expect(
    explained(
      (all) => all.keyBy("shop"),
      (order) => order.shop.trim(),
    ),
  ).toContain("partitioned by a function of the element (no field can be seen in it)\n");
  expect(explained((all) => all.keyBy("shop"))).not.toContain("partitioned by");
});
