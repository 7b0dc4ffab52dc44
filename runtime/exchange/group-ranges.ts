import type { GroupRange } from "../serde/hash-space.ts";

/** A range of key groups with a version: [first group, last group, version], both ends inclusive. */
export type RangeMark = readonly [first: number, last: number, version: number];

/** The highest version that a group was marked with, 0 where it never was. `marks` are disjoint and ascending. */
export function markOfGroup(marks: readonly RangeMark[], group: number): number {
  for (const [first, last, version] of marks) {
    if (group < first) return 0;
    if (group <= last) return version;
  }
  return 0;
}

/** Whether every group of a range was marked with a version or a later one. */
export function allAtLeast(
  marks: readonly RangeMark[],
  range: GroupRange,
  version: number,
): boolean {
  for (let group = range.first; group <= range.last; group++)
    if (markOfGroup(marks, group) < version) return false;
  return true;
}

/** Marks with `range` raised to at least `version`. Neighbours of the same version are joined. */
export function raiseMarks(
  marks: readonly RangeMark[],
  range: GroupRange,
  version: number,
): readonly RangeMark[] {
  const raised: RangeMark[] = [];
  let next = range.first;
  for (const [first, last, old] of marks) {
    if (last < range.first || first > range.last) {
      if (first > range.last && next <= range.last) {
        push(raised, [next, range.last, version]);
        next = range.last + 1;
      }
      push(raised, [first, last, old]);
      continue;
    }
    if (first < range.first) push(raised, [first, range.first - 1, old]);
    if (next < first) push(raised, [next, first - 1, version]);
    push(raised, [
      Math.max(first, range.first),
      Math.min(last, range.last),
      Math.max(old, version),
    ]);
    next = Math.min(last, range.last) + 1;
    if (last > range.last) push(raised, [range.last + 1, last, old]);
  }
  if (next <= range.last) push(raised, [next, range.last, version]);
  return raised;
}

/** What of the marks lies in a range. */
export function clipMarks(marks: readonly RangeMark[], range: GroupRange): readonly RangeMark[] {
  const clipped: RangeMark[] = [];
  for (const [first, last, version] of marks) {
    if (last < range.first || first > range.last) continue;
    clipped.push([Math.max(first, range.first), Math.min(last, range.last), version]);
  }
  return clipped;
}

export function intersect(left: GroupRange, right: GroupRange): GroupRange | undefined {
  const first = Math.max(left.first, right.first);
  const last = Math.min(left.last, right.last);
  return first <= last ? { first, last } : undefined;
}

function push(marks: RangeMark[], mark: RangeMark): void {
  const previous = marks.at(-1);
  if (previous !== undefined && previous[1] + 1 === mark[0] && previous[2] === mark[2]) {
    marks[marks.length - 1] = [previous[0], mark[1], mark[2]];
  } else marks.push(mark);
}
