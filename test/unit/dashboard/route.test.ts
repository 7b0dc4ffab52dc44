import fc from "fast-check";
import { expect, test } from "vitest";
import { hashOf, pages, routeOf } from "../../../dashboard/browser/live/route.ts";

test("an address leads to what it was made of, whatever a job or an operator is called", () => {
  const name = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" });
  const page = fc.constantFrom(...pages.map(({ page }) => page).filter((name) => name !== ""));
  fc.assert(
    fc.property(name, page, name, (job, page, open) => {
      expect(routeOf(hashOf({ job, page, open }))).toEqual({ job, page, open });
      expect(routeOf(hashOf({ job, page }))).toEqual({ job, page });
    }),
  );
});

test.each([
  ["", { page: "" }],
  ["#/", { page: "" }],
  ["#/orders", { job: "orders", page: "" }],
  ["#/orders/nonsense/at/all", { job: "orders", page: "" }],
  ["#/orders/graph/a/b", { job: "orders", page: "graph", open: "a/b" }],
  ["#/%E0%A4%A", { job: "%E0%A4%A", page: "" }],
] as const)("%j leads to a page", (hash, route) => {
  expect(routeOf(hash)).toEqual(route);
});
