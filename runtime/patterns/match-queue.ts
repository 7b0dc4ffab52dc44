import { notBegun, type Run } from "./run.ts";

/**
 * Runs by what they began with, as java.util.PriorityQueue keeps them: where several began with the same element it is the heap that says which
 * of them is earlier, and with it which matches a skip strategy leaves.
 */
export type MatchQueue = Run[];

/** Those that have not begun come last. */
const startOf = ([, , start]: Run): number =>
  start === notBegun ? Number.MAX_SAFE_INTEGER : start;

const compare = (one: Run, other: Run): number => startOf(one) - startOf(other);

export const isEarlier = (run: Run, other: Run): boolean => compare(run, other) <= 0;

export function offer(queue: MatchQueue, run: Run): void {
  let at = queue.length;
  while (at > 0) {
    const parent = (at - 1) >>> 1;
    const above = queue[parent] as Run;
    if (compare(run, above) >= 0) break;
    queue[at] = above;
    at = parent;
  }
  queue[at] = run;
}

/** Takes out the first. */
export function poll(queue: MatchQueue): Run | undefined {
  const [first] = queue;
  const last = queue.pop();
  if (queue.length > 0) sink(queue, 0, last as Run);
  return first;
}

/** Takes out those of which it holds. */
export function removeWhere(queue: MatchQueue, holds: (run: Run) => boolean): void {
  const left = queue.filter((run) => !holds(run));
  if (left.length === queue.length) return;
  queue.splice(0, queue.length, ...left);
  for (let at = (queue.length >>> 1) - 1; at >= 0; at--) sink(queue, at, queue[at] as Run);
}

function sink(queue: MatchQueue, from: number, run: Run): void {
  let at = from;
  while (at < queue.length >>> 1) {
    let child = 2 * at + 1;
    const right = queue[child + 1];
    if (right !== undefined && compare(queue[child] as Run, right) > 0) child += 1;
    const below = queue[child] as Run;
    if (compare(run, below) <= 0) break;
    queue[at] = below;
    at = child;
  }
  queue[at] = run;
}
