import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  allAtLeast,
  clipMarks,
  intersect,
  markOfGroup,
  raiseMarks,
  type RangeMark,
} from "../../../runtime/exchange/group-ranges.ts";

const groups = 24;
const group = fc.integer({ min: 0, max: groups - 1 });
const range = fc
  .tuple(group, group)
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }));
const raises = fc.array(fc.tuple(range, fc.integer({ min: 1, max: 9 })), { maxLength: 12 });

/** One version for each group: what marks stand for. */
const versionsOf = (marks: readonly RangeMark[]): number[] =>
  Array.from({ length: groups }, (_, at) => markOfGroup(marks, at));

describe("receive marks", () => {
  test("raised in any order they hold what a version per group would", () => {
    fc.assert(
      fc.property(raises, (all) => {
        const plain = Array.from({ length: groups }, () => 0);
        let marks: readonly RangeMark[] = [];
        for (const [{ first, last }, version] of all) {
          marks = raiseMarks(marks, { first, last }, version);
          for (let at = first; at <= last; at++) plain[at] = Math.max(plain[at]!, version);
        }
        expect(versionsOf(marks)).toEqual(plain);
        for (const [at, [first, last, version]] of marks.entries()) {
          expect(first).toBeLessThanOrEqual(last);
          const next = marks[at + 1];
          if (next === undefined) continue;
          expect(last).toBeLessThan(next[0]);
          // As few ranges as there can be: they are in every commit.
          if (last + 1 === next[0]) expect(version).not.toBe(next[2]);
        }
      }),
    );
  });

  test("clipped they keep what lies in the range and nothing else", () => {
    fc.assert(
      fc.property(raises, range, (all, kept) => {
        let marks: readonly RangeMark[] = [];
        for (const [raised, version] of all) marks = raiseMarks(marks, raised, version);
        const isKept = (at: number) => at >= kept.first && at <= kept.last;
        const expected = versionsOf(marks).map((version, at) => (isKept(at) ? version : 0));
        expect(versionsOf(clipMarks(marks, kept))).toEqual(expected);
      }),
    );
  });

  test("all groups of a range have come as far as the one that is furthest behind, not only the first", () => {
    fc.assert(
      fc.property(raises, range, fc.integer({ min: 1, max: 9 }), (all, looked, asked) => {
        let marks: readonly RangeMark[] = [];
        for (const [raised, version] of all) marks = raiseMarks(marks, raised, version);
        const versions = versionsOf(marks).slice(looked.first, looked.last + 1);
        expect(allAtLeast(marks, looked, asked)).toBe(Math.min(...versions) >= asked);
      }),
    );
  });

  test("ranges intersect in the groups that are in both", () => {
    fc.assert(
      fc.property(range, range, (left, right) => {
        const both = Array.from({ length: groups }, (_, at) => at).filter(
          (at) => at >= left.first && at <= left.last && at >= right.first && at <= right.last,
        );
        const found = intersect(left, right);
        expect(found).toEqual(
          both.length === 0 ? undefined : { first: both[0], last: both.at(-1) },
        );
      }),
    );
  });
});
