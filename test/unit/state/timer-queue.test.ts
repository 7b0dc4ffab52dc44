import fc from "fast-check";
import { expect, test } from "vitest";
import { HeapState } from "../../../runtime/state/heap-state.ts";
import type { MapCell } from "../../../runtime/state/keyed-state.ts";
import { TimerQueue } from "../../../runtime/state/timer-queue.ts";

function queueOver() {
  const state = new HeapState("stage", () => 0);
  const [down, up] = [0, 1].map((at) =>
    state.declareMap<string, number>({ uid: `op${at}`, name: "timers" }),
  );
  const entry = (key: string, cell: MapCell<string, number>, mapKey: string) => {
    const found = state.mapEntry(state.record(key), cell, mapKey);
    if (!found.exists) found.value = 1;
    return found;
  };
  return { queue: new TimerQueue(), entry, down: down!, up: up! };
}

function drained(queue: TimerQueue): string[] {
  const names: string[] = [];
  for (let timer = queue.pop(); timer !== undefined; timer = queue.pop())
    names.push(`${timer.timeMs} ${String(timer.record.key)}${timer.cell} ${timer.mapKey}`);
  return names;
}

test("after any armings, moves and removals it holds just what is armed, and gives it in the order of time", () => {
  const command = fc.record({
    name: fc.nat(40),
    timeMs: fc.nat(20),
    does: fc.constantFrom("arm", "arm", "arm", "remove", "pop"),
  });
  fc.assert(
    fc.property(fc.array(command, { maxLength: 200 }), (commands) => {
      const { queue, entry, down } = queueOver();
      const armed = new Map<string, number>();
      for (const { name, timeMs, does } of commands) {
        const mapKey = String(name).padStart(2, "0");
        if (does === "pop") {
          const popped = queue.pop();
          const earliest = Math.min(...armed.values());
          expect(popped?.timeMs ?? Number.POSITIVE_INFINITY).toBe(earliest);
          if (popped !== undefined) armed.delete(popped.mapKey as string);
        } else if (does === "remove") {
          entry("a", down, mapKey).remove();
          armed.delete(mapKey);
        } else {
          queue.arm(entry("a", down, mapKey), timeMs);
          armed.set(mapKey, timeMs);
        }
        expect(queue.size).toBe(armed.size);
        expect(queue.firstMs).toBe(Math.min(...armed.values()));
      }
      const left = [...armed].map(([mapKey, timeMs]) => ({ timeMs, mapKey }));
      left.sort((one, other) => one.timeMs - other.timeMs || (one.mapKey < other.mapKey ? -1 : 1));
      expect(drained(queue)).toEqual(left.map(({ timeMs, mapKey }) => `${timeMs} a0 ${mapKey}`));
    }),
  );
});

test("timers of one key that are due at one time have one order, however they came into the queue", () => {
  const armAll = (order: readonly number[]) => {
    const { queue, entry, down, up } = queueOver();
    const entries = [
      entry("a", down, "event:b"),
      entry("a", up, "event:z"),
      entry("a", down, "event:a"),
    ];
    for (const at of order) queue.arm(entries[at]!, 5);
    return drained(queue);
  };
  // The operator further up the stage has its state behind that of the one that it feeds.
  const right = ["5 a1 event:z", "5 a0 event:a", "5 a0 event:b"];
  for (const order of [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
  ])
    expect(armAll(order)).toEqual(right);
});

test("a time that never comes disarms", () => {
  const { queue, entry, down } = queueOver();
  queue.arm(entry("a", down, "x"), 5);
  queue.arm(entry("a", down, "x"), Number.POSITIVE_INFINITY);
  expect(queue.size).toBe(0);
});
