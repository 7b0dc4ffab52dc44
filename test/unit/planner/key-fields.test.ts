import { describe, expect, test } from "vitest";
import { seenKey } from "../../../runtime/planner/key-fields.ts";

// oxlint-disable-next-line typescript/no-explicit-any
type Selector = (element: any) => unknown;

describe("a key selector", () => {
  test.each<[string, Selector, unknown]>([
    ["a field", (f) => f.origin, { kind: "field", fields: ["origin"] }],
    ["a destructured field", ({ origin }) => origin, { kind: "field", fields: ["origin"] }],
    ["a field by its name", (f) => f["two words"], { kind: "field", fields: ["two words"] }],
    ["several fields", (f) => [f.a, f.b], { kind: "tuple", fields: ["a", "b"] }],
    [
      "fields in another order than read",
      ({ a, b }) => [b, a],
      { kind: "tuple", fields: ["b", "a"] },
    ],
    ["a field twice", (f) => [f.a, f.a], { kind: "tuple", fields: ["a", "a"] }],
    ["an array of one field", (f) => [f.a], { kind: "tuple", fields: ["a"] }],
  ])("is seen to take %s", (_, select, expected) => {
    expect(seenKey(select)).toEqual(expected);
  });

  test.each<[string, Selector]>([
    ["the element itself", (f) => f],
    ["a constant", () => "all"],
    ["no field of an array", () => []],
    ["a field of a field", (f) => f.route.origin],
    ["what a method answers", (f) => f.origin.toUpperCase()],
    ["a text made of a field", (f) => `${f.origin}`],
    ["a sum", (f) => f.a + 1],
    ["a field or a default", (f) => f.origin ?? "none"],
    ["a field unless it is empty", (f) => f.origin || "none"],
    ["a field or nothing", ({ origin = "none" }) => origin],
    ["one of two fields", (f) => (f.isDeparture ? f.origin : f.destination)],
    ["a field and a constant", (f) => [f.origin, 1]],
    ["one of the fields that it reads", ({ a, b }) => [b, a].slice(1)],
    ["a record of fields", (f) => ({ a: f.a })],
    ["a copy of the element", (f) => ({ ...f }).a],
    ["whether it has a field", (f) => "a" in f],
    ["its class", (f) => f instanceof Date],
    ["an index in an array", (f) => [...f]],
  ])("that takes %s is not seen through", (_, select) => {
    expect(seenKey(select)).toBeUndefined();
  });

  test("that throws is not seen through", () => {
    const failing = () => {
      throw new Error("no");
    };
    expect(seenKey(failing)).toBeUndefined();
  });

  test("that changes its element is not seen through", () => {
    const changing: Selector = (f) => (f.a = 1);
    expect(seenKey(changing)).toBeUndefined();
  });
});
