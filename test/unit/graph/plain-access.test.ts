import { expect, test } from "vitest";
import { isPlainAccess } from "../../../runtime/graph/plain-access.ts";

interface Order {
  atMs: number;
  n: number;
}
let kept: unknown;

/** A function of this text, as `Function.prototype.toString` would give it. */
const writtenAs = (text: string) => Object.assign(() => undefined, { toString: () => text });

test("a function that only takes a field is seen, as it is written or as a bundler shortens it", () => {
  expect(isPlainAccess((order: Order) => order.atMs)).toBe(true);
  expect(isPlainAccess(({ atMs }: Order) => atMs)).toBe(true);
  for (const text of ["e=>e.atMs", "({atMs:e})=>e", "({ atMs: e, }) => e", "($)=>$.atMs"])
    expect(isPlainAccess(writtenAs(text)), text).toBe(true);
});

test("a function that could do anything else is not, and is not called for it", () => {
  const others: readonly ((order: Order) => unknown)[] = [
    (order) => (kept = order),
    (order) => order.atMs++,
    (order) => order.atMs + order.n,
    (order) => ((kept = order), order.atMs),
    (order) => {
      kept = order;
      return order.atMs;
    },
    ({ atMs, ...rest }) => ((kept = rest), atMs),
    function (order) {
      return order.atMs;
    },
    Reflect.ownKeys as never,
    ((order: Order) => order.atMs).bind(undefined),
  ];
  for (const other of others) expect(isPlainAccess(other), String(other)).toBe(false);
  for (const text of [
    "(a,b)=>b.atMs",
    "a=>b.atMs",
    "({a:b=c()})=>b",
    "({a:b})=>a",
    "a=>a.b.c",
    "a=>a.b()",
  ])
    expect(isPlainAccess(writtenAs(text)), text).toBe(false);
  expect(kept).toBeUndefined();
});
