import { expect, test } from "vitest";
import { makesRecords, onlyReads } from "../../../runtime/graph/only-reads.ts";

interface Order {
  n: number;
  to?: { town: string };
}
let kept: unknown;
const limit = 3;

/** A function of this text, as `Function.prototype.toString` would give it. */
const writtenAs = (text: string) => Object.assign(() => undefined, { toString: () => text });

test("a condition that only compares what it is given is seen, as it is written or as a bundler shortens it", () => {
  expect(onlyReads((order: Order) => order.n % 123 === 0 && order.to?.town !== "Rome")).toBe(true);
  expect(onlyReads(({ n, to }: Order) => (n >= limit || n < -limit) && to !== undefined)).toBe(
    true,
  );
  for (const text of ["e=>e.n%123===0", "({n:e})=>!(e<=3)", 'e=>e.tags[0]=="gift"', "($)=>$.n!=1"])
    expect(onlyReads(writtenAs(text)), text).toBe(true);
});

test("a condition that could do anything else is not, and is not called for it", () => {
  const others: readonly ((order: Order) => unknown)[] = [
    (order) => (kept = order),
    (order) => order.n++ > 3,
    (order) => (order.n += 1) > 3,
    (order) => (order.n >>= 1) >= 3,
    (order) => (order.n ??= 1) === 3,
    (order) => delete order.to,
    (order) => [order].some((one) => one.n > 3),
    (order) => new Set([order]),
    (order) => `${order.n}`,
    (order) => String(order.n) === "3",
    (order) => {
      return order.n > 3;
    },
    function (order) {
      return order.n > 3;
    },
    Reflect.ownKeys as never,
    ((order: Order) => order.n > 3).bind(undefined),
  ];
  for (const other of others) expect(onlyReads(other), String(other)).toBe(false);
  for (const text of [
    "a=>a.b?.(1)",
    "a=>(0,a.b)(1)",
    "a=>a['b']\n(1)",
    "a=>a.b/**/(1)",
    "a=>f//\n(a)",
    "a=>a.b=c==d",
    "a=>a.n>>>=1",
    "a=>a instanceof b",
    "(a=b.c)=>a",
    "async a=>a.b",
    "a=>--a.n",
  ])
    expect(onlyReads(writtenAs(text)), text).toBe(false);
  expect(kept).toBeUndefined();
});

test("a function whose answer is a record that it has just made is seen", () => {
  expect(makesRecords((total: Order) => ({ n: total.n + 1 }))).toBe(true);
  expect(makesRecords(({ n }: Order, other: Order) => ({ n: n + other.n, limit }))).toBe(true);
  for (const text of ["e=>({n:e.n+1})", "(e,t)=>({n:e.n>=t.n?e.n:t.n,last:t.to})"])
    expect(makesRecords(writtenAs(text)), text).toBe(true);
});

test("one whose answer others may have, or may have given hidden fields to, is not", () => {
  const shared = { n: 1 };
  const others: readonly ((order: Order) => unknown)[] = [
    () => shared,
    (order) => order,
    (order) => (order.n > 3 ? { n: 3 } : shared),
    (order) => ((kept = { n: order.n }), kept),
    (order) => (kept = { n: order.n }),
    (order) => ({ ...order }),
    (order) => ({ [String(order.n)]: 1 }),
    (order) => ({ __proto__: order }),
    (order) => ({
      get n() {
        return order.n;
      },
    }),
    (order) => {
      return { n: order.n };
    },
  ];
  for (const other of others) expect(makesRecords(other), String(other)).toBe(false);
  for (const text of [
    "e=>({n:1},f)",
    "e=>({n:1}).n",
    "e=>({n:1})&&f",
    "e=>({n(){}})",
    "e=>({n:e.n++})",
  ])
    expect(makesRecords(writtenAs(text)), text).toBe(false);
});
