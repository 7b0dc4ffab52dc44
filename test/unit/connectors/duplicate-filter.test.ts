import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { duplicateFilter } from "../../../runtime/connectors/record-id.ts";

const record = (version: number, index: number, slot = "job/a", generation = 1) => ({
  slot,
  generation,
  version,
  index,
});

describe("the duplicate filter", () => {
  test("passes each record of a version once, in whatever order they come", () => {
    const { isNew } = duplicateFilter();
    const indexes = [2, 0, 0, 3, 2, 1, 1, 3];
    expect(indexes.filter((index) => isNew(record(5, index)))).toEqual([2, 0, 3, 1]);
  });

  test("drops what comes of a version below the highest: it came before", () => {
    const { isNew } = duplicateFilter();
    expect(isNew(record(5, 0))).toBe(true);
    expect(isNew(record(6, 0))).toBe(true);
    expect(isNew(record(5, 0))).toBe(false);
  });

  test("tells slots and generations apart", () => {
    const { isNew } = duplicateFilter();
    expect(isNew(record(5, 0))).toBe(true);
    expect(isNew(record(4, 0, "job/b"))).toBe(true);
    expect(isNew(record(1, 0, "job/a", 2))).toBe(true);
    expect(isNew(record(5, 0))).toBe(false);
  });

  test("goes on from its state, which is plain data", () => {
    const first = duplicateFilter();
    first.isNew(record(5, 1));
    first.isNew(record(5, 0));
    expect(first.state).toEqual({ "1#job/a": { version: 5, seen: [0, 1] } });
    const state = JSON.parse(JSON.stringify(first.state)) as typeof first.state;
    const { isNew } = duplicateFilter(state);
    expect(isNew(record(5, 1))).toBe(false);
    expect(isNew(record(5, 2))).toBe(true);
  });

  test("passes all records exactly once, however a producer repeats and mixes its versions", () => {
    const version = fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(version, { maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        (versions, late) => {
          const { isNew } = duplicateFilter();
          const passed: string[] = [];
          const sent: ReturnType<typeof record>[] = [];
          const arrive = (id: ReturnType<typeof record>) => {
            if (isNew(id)) passed.push(`${id.version}/${id.index}`);
          };
          for (const [number, indexes] of versions.entries()) {
            for (const index of indexes) {
              const id = record(number, index);
              sent.push(id);
              arrive(id);
              // A zombie sends something old once more.
              const { value } = late.next() as { value: number };
              arrive(sent[value % sent.length] as typeof id);
            }
          }
          const expected = new Set(sent.map((id) => `${id.version}/${id.index}`));
          expect(passed).toHaveLength(expected.size);
          expect(new Set(passed)).toEqual(expected);
        },
      ),
    );
  });
});
