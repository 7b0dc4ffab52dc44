import fc from "fast-check";
import { expect, test } from "vitest";
import { topK, type TopSketch } from "../../../runtime/sketches/index.ts";

const capacity = 100;
const { add, merge, create, result } = topK({ of: (value: number) => value, k: 10, capacity });

/** The same by a look at all that is counted, each time. */
function plainAdd(sketch: TopSketch<number>, value: number): void {
  const known = sketch.get(value);
  if (known !== undefined) known[0] += 1;
  else if (sketch.size < capacity) sketch.set(value, [1, 0]);
  else {
    let least: [number, [number, number]] | undefined;
    for (const entry of sketch) if (least === undefined || entry[1][0] < least[1][0]) least = entry;
    const [gone, [count]] = least as [number, [number, number]];
    sketch.delete(gone);
    sketch.set(value, [count + 1, count]);
  }
}

test("the value that gives way is the one that a look at all of them would find, also behind merges and in a sketch that was loaded", () => {
  const doings = fc.array(fc.oneof(fc.nat({ max: 160 }), fc.constantFrom("loaded", "merged")), {
    minLength: 300,
    maxLength: 600,
  });
  fc.assert(
    fc.property(doings, (all) => {
      let [sketch, plain] = [create(), create()];
      for (const doing of all) {
        if (typeof doing === "number") {
          sketch = add(sketch, doing);
          plainAdd(plain, doing);
        } else if (doing === "loaded") sketch = structuredClone(sketch);
        else {
          const other = new Map([[200, [3, 0] as [number, number]]]);
          sketch = merge(sketch, structuredClone(other));
          // By another object, of which nothing is remembered.
          plain = merge(structuredClone(plain), other);
        }
      }
      expect([...sketch]).toEqual([...plain]);
      expect(result(sketch)).toEqual(result(plain));
    }),
    { numRuns: 30 },
  );
});

test("a value that is new looks at a few of those that are counted, and not at all of them", () => {
  let looks = 0;
  class Counting extends Map<number, [number, number]> {
    override *[Symbol.iterator](): MapIterator<[number, [number, number]]> {
      for (const entry of super[Symbol.iterator]()) {
        looks += 1;
        yield entry;
      }
    }
  }
  let sketch: TopSketch<number> = new Counting();
  const count = 2_000;
  for (let value = 0; value < count; value++) sketch = add(sketch, value);
  expect(sketch.size).toBe(capacity);
  expect(looks).toBeLessThan(count);
});
