import fc from "fast-check";
import { expect, test } from "vitest";
import { fromControlValue, toControlValue } from "../../../runtime/serde/control-value.ts";

const value = fc.dictionary(
  fc.oneof(fc.string(), fc.constantFrom("__proto__", "0")),
  fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string({ unit: "binary" }),
      fc.double(),
      fc.constantFrom(null, undefined, true, -0, Number.POSITIVE_INFINITY, () => 1),
      fc.array(tie("value")),
      fc.dictionary(fc.string(), tie("value")),
    ),
  })).value,
);

test("A value of a control row is what JSON makes of it, and shares nothing with what it was made of", () => {
  fc.assert(
    fc.property(value, (fields) => {
      const made = toControlValue(fields);
      const text = JSON.stringify({ format: 1, ...fields });
      expect(JSON.stringify(made)).toBe(text);
      expect(made).toStrictEqual(JSON.parse(text));
    }),
  );
  const inner = { a: [1] };
  const made = toControlValue({ inner }) as { readonly inner: { readonly a: number[] } };
  inner.a[0] = 2;
  expect(made.inner.a).toEqual([1]);
});

test("A row that a newer version wrote is refused", () => {
  const row = { partition: "p", sort: "s", rank: 1, value: { format: 2 } };
  expect(() => fromControlValue(row)).toThrow(/format 2/);
});
