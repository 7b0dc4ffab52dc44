import { describe, expect, test } from "vitest";
import type { ProcessDefinition } from "../../../runtime/graph/functions.ts";
import type { KeyValue } from "../../../runtime/graph/key-value.ts";
import { outputTag } from "../../../runtime/graph/output-tag.ts";
import type { StateDeclarations } from "../../../runtime/graph/state-declarations.ts";
import { jobError } from "../../../runtime/errors/millrace-error.ts";
import type { OperatorOutput } from "../../../runtime/operators/contract.ts";
import { processOperator } from "../../../runtime/operators/process-operator.ts";
import { harness, short } from "../windows/harness.ts";

/** A process function over text commands, or numbers. */
function processing<S extends StateDeclarations, N extends string, T = string>(
  definition: Omit<ProcessDefinition<T, KeyValue, S, N, unknown>, "uid">,
  /** Stands for the operators behind it. */
  behind: Partial<OperatorOutput> = {},
) {
  const node = {
    kind: "process",
    id: 1,
    name: "process",
    inputs: [],
    // The graph keeps definitions without their types, as the builder does.
    definition: { uid: "watch", ...definition } as never,
  } as const;
  return harness((parts) =>
    processOperator(node, { ...parts, output: { ...parts.output, ...behind } }),
  );
}

const counting = () =>
  processing({
    state: { seen: { kind: "value" } as { kind: "value"; value?: { n: number } } },
    onElement(_value, context) {
      const seen = context.state.seen.get() ?? { n: 0 };
      seen.n += 1;
      context.state.seen.set(seen);
      context.emit(seen);
    },
  });

test("a value state belongs to its key, and results are copies of it", () => {
  const watch = counting();
  for (const key of ["a", "b", "a"]) watch.element(key, "", 0);
  expect(watch.take().map(({ value }) => value)).toEqual([{ n: 1 }, { n: 1 }, { n: 2 }]);
});

test("undo takes back what was changed in place, and another instance goes on from the commit", () => {
  const watch = counting();
  const other = counting();
  watch.element("a", "", 0);
  other.apply(watch.commit());
  watch.element("a", "", 0);
  watch.undo();
  watch.take();
  for (const each of [watch, other]) {
    each.element("a", "", 0);
    expect(each.take().map(({ value }) => value)).toEqual([{ n: 2 }]);
  }
});

test("results carry the time of the element and are inserts; the change of the element is told", () => {
  const tag = outputTag<string>("alerts");
  const watch = processing({
    onElement(value, context) {
      context.emit(`${String(context.key)} ${value} ${context.change} ${context.watermarkMs}`);
      context.output(tag, value);
    },
  });
  watch.watermark(3);
  watch.element("a", "x", 7, "delete");
  expect(short(watch.take())).toEqual(["insert a x delete 3 @7", "alerts: insert x @7"]);
});

test("a list keeps its order; an append writes the element and the length alone", () => {
  const watch = processing({
    state: { events: { kind: "list" } as { kind: "list"; value?: string } },
    onElement(value, { state, emit }) {
      if (value === "clear") state.events.clear();
      else if (value === "keep last two") state.events.set(state.events.get().slice(-2));
      else state.events.add(value);
      emit(state.events.get());
    },
  });
  for (const value of ["x", "y", "z"]) watch.element("a", value, 0);
  watch.commit();
  watch.element("a", "w", 0);
  expect(watch.commit()?.mapKey).toEqual(["length", 3]);
  watch.element("a", "keep last two", 0);
  watch.element("a", "v", 0);
  watch.element("a", "clear", 0);
  expect(watch.take().map(({ value }) => value)).toEqual([
    ["x"],
    ["x", "y"],
    ["x", "y", "z"],
    ["x", "y", "z", "w"],
    ["z", "w"],
    ["z", "w", "v"],
    [],
  ]);
  watch.commit();
  expect([watch.state.keyCount, watch.state.bytes]).toEqual([0, 0]);
});

test("a map is read, written, iterated by ascending key, and cleared", () => {
  const watch = processing({
    state: { routes: { kind: "map" } as { kind: "map"; key?: string; value?: number } },
    onElement(value, { state: { routes }, emit }) {
      if (value === "clear") routes.clear();
      else if (value.startsWith("-")) routes.delete(value.slice(1));
      else routes.set(value, (routes.get(value) ?? 0) + 1);
      emit([...routes.entries()].map(([route, count]) => `${route}${count}`).join(" "));
      emit(`${routes.has("y")} ${routes.isEmpty()}`);
    },
  });
  for (const value of ["y", "x", "y", "-y", "clear"]) watch.element("a", value, 0);
  expect(watch.take().map(({ value }) => value)).toEqual([
    "y1",
    "true false",
    "x1 y1",
    "true false",
    "x1 y2",
    "true false",
    "x1",
    "false false",
    "",
    "false true",
  ]);
});

test("a map is iterated in one order, wherever the input was cut and whatever was loaded", () => {
  const listing = () =>
    processing({
      state: { routes: { kind: "map" } as { kind: "map"; key?: string; value?: number } },
      onElement(value, { state: { routes }, emit }) {
        if (value.startsWith("-")) routes.delete(value.slice(1));
        else routes.set(value, 1);
        emit([...routes.entries()].map(([route]) => route).join(""));
      },
    });
  const commands = ["d", "b", "-d", "c", "d", "a", "-b", "b"];
  const warm = listing();
  let cold = listing();
  for (const command of commands) {
    warm.element("k", command, 0);
    cold.element("k", command, 0);
    cold.commit();
    const loaded = listing();
    loaded.apply(cold.state.snapshot());
    expect(warm.take()).toEqual(cold.take());
    cold = loaded;
  }
});

test("what is set or deleted while a map is iterated does not disturb it", () => {
  const watch = processing({
    state: { routes: { kind: "map" } as { kind: "map"; key?: number; value?: number } },
    onElement(_value, { state: { routes }, emit }) {
      for (const key of [3, 1, 2]) routes.set(key, 0);
      for (const [key] of routes.entries()) {
        emit(key);
        routes.delete(2);
        routes.set(key + 10, 0);
      }
    },
  });
  watch.element("k", "", 0);
  expect(watch.take().map(({ value }) => value)).toEqual([1, 3]);
});

test("keys are the operator's own: one form of equal ones, and nobody changes them", () => {
  const watch = processing({
    state: {
      pairs: { kind: "map" } as { kind: "map"; key?: readonly string[]; value?: number },
    },
    onElement(_value, { key, state: { pairs }, emit }) {
      const pair = ["x", "y"];
      pairs.set(pair, 1);
      pair[0] = "changed";
      emit(JSON.stringify([key, [...pairs.entries()]]));
      expect(() => ((key as { a: number }).a = 5)).toThrow(TypeError);
    },
  });
  const key = { b: 2, a: -0 };
  watch.element(key, "", 0);
  key.b = 3;
  watch.element({ a: 0, b: 2 }, "", 0);
  const [first, second] = watch.take();
  expect(first?.value).toBe('[{"a":0,"b":2},[[["x","y"],1]]]');
  expect(second?.value).toBe(first?.value);
});

test("what was set is the state's own, wherever the input was cut: to change the value afterwards changes nothing", () => {
  const keeping = () =>
    processing<
      {
        last: { kind: "value"; value?: { n: number } };
        all: { kind: "list"; value?: { n: number } };
        byName: { kind: "map"; key?: string; value?: { n: number } };
      },
      never,
      { n: number }
    >({
      state: { last: { kind: "value" }, all: { kind: "list" }, byName: { kind: "map" } },
      onElement(value, { state: { last, all, byName }, emit }) {
        emit(JSON.stringify([last.get(), all.get(), byName.get("x")]));
        last.set(value);
        all.add(value);
        byName.set("x", value);
        value.n += 100;
      },
    });
  const warm = keeping();
  let cold = keeping();
  for (const n of [1, 2, 3]) {
    warm.element("k", { n }, 0);
    cold.element("k", { n }, 0);
    cold.commit();
    const loaded = keeping();
    loaded.apply(cold.state.snapshot());
    expect(warm.take()).toEqual(cold.take());
    cold = loaded;
  }
  warm.element("k", { n: 4 }, 0);
  expect(warm.take()[0]?.value).toBe('[{"n":3},[{"n":1},{"n":2},{"n":3}],{"n":3}]');
});

const timing = () =>
  processing<Record<never, never>, "due" | "other">({
    onElement(value, { timers, emit }) {
      const [command, argument] = value.split(" ");
      if (command === "set") timers.event("due").set(Number(argument));
      if (command === "other") timers.event("other").set(Number(argument));
      if (command === "wake") timers.processing("due").set(Number(argument));
      if (command === "clear") timers.event("due").clear();
      if (command === "when") emit(timers.event("due").timeMs);
    },
    onTimer: {
      due: ({ emit, timers, timestampMs, change }) =>
        emit(`due ${timestampMs} ${change} ${timers.event("due").timeMs}`),
      other: ({ emit }) => emit("other"),
    },
  });

test("an event timer fires when the watermark has reached its time, once, and is unset by then", () => {
  const watch = timing();
  watch.element("a", "set 10", 0);
  watch.watermark(9);
  expect(watch.take()).toEqual([]);
  watch.watermark(10);
  watch.watermark(20);
  expect(short(watch.take())).toEqual(["insert due 10 insert undefined @10"]);
  watch.commit();
  expect(watch.state.keyCount).toBe(0);
});

test("setting a timer replaces its earlier setting, later or earlier; other names and keys stay", () => {
  const watch = timing();
  watch.element("a", "set 10", 0);
  watch.element("a", "set 30", 0);
  watch.element("a", "other 10", 0);
  watch.element("b", "set 30", 0);
  watch.element("b", "set 20", 0);
  watch.element("a", "when", 0);
  watch.watermark(100);
  expect(watch.take().map(({ key, value }) => [key, value])).toEqual([
    ["a", 30],
    ["a", "other"],
    ["b", "due 20 insert undefined"],
    ["a", "due 30 insert undefined"],
  ]);
});

test("a cleared timer doesn't fire", () => {
  const watch = timing();
  watch.element("a", "set 10", 0);
  watch.element("a", "clear", 0);
  watch.watermark(100);
  expect(watch.take()).toEqual([]);
});

test("a timer that is cleared, moved or undone leaves nothing in memory", () => {
  const watch = timing();
  for (let at = 0; at < 1_000; at++) watch.element("a", `set ${1_000 + at}`, 0);
  expect(watch.eventTimers.size).toBe(1);
  watch.element("a", "clear", 0);
  expect(watch.eventTimers.size).toBe(0);
  watch.element("b", "set 5", 0);
  watch.undo();
  expect([watch.eventTimers.size, watch.state.keyCount]).toEqual([0, 0]);
});

test("a timer counts in the size of the state while it lives", () => {
  const watch = timing();
  const other = timing();
  watch.element("a", "set 5000", 0);
  other.apply(watch.commit());
  // As much as a setting costs on the heap, and not its 8 bytes alone.
  for (const { state } of [watch, other]) expect(state.bytes).toBeGreaterThan(60);
  watch.element("a", "clear", 0);
  other.apply(watch.commit());
  for (const { state } of [watch, other]) expect(state.bytes).toBe(0);
});

test("timers of a key that are due at one time fire in one order, set or loaded", () => {
  const fired = (commands: readonly string[], cut: boolean) => {
    let watch = timing();
    for (const command of commands) {
      watch.element("a", command, 0);
      if (!cut) continue;
      const cold = timing();
      watch.commit();
      cold.apply(watch.state.snapshot());
      watch = cold;
    }
    watch.watermark(9);
    return short(watch.take()).map((text) => text.split(" ")[1]);
  };
  for (const cut of [false, true])
    for (const commands of [
      ["set 5", "other 5"],
      ["other 5", "set 5"],
      ["set 7", "other 5", "set 5"],
    ])
      expect(fired(commands, cut)).toEqual(["due", "other"]);
});

test("a timer set in the past fires at the next watermark", () => {
  const watch = timing();
  watch.watermark(50);
  watch.element("a", "set 10", 60);
  expect(watch.take()).toEqual([]);
  watch.watermark(51);
  expect(watch.take()).toHaveLength(1);
});

test("a processing timer fires by the batch's time, not by the watermark", () => {
  const watch = timing();
  watch.element("a", "wake 10", 0);
  watch.watermark(100);
  watch.processingTime(9);
  expect(watch.take()).toEqual([]);
  watch.processingTime(10);
  // Its result has no event time of its own: it gets the watermark.
  expect(short(watch.take())).toEqual(["insert due 10 insert undefined @100"]);
});

test("a result of a processing timer has a moment as its time where the watermark is none", () => {
  const watch = timing();
  watch.element("a", "wake 10", 0);
  watch.processingTime(10);
  watch.element("a", "wake 20", 0);
  watch.watermark(Number.POSITIVE_INFINITY);
  watch.processingTime(20);
  expect(watch.take().map(({ timestampMs }) => timestampMs)).toEqual([-8.64e15, 8.64e15]);
});

test("a timer may set itself anew", () => {
  const watch = processing<Record<never, never>, "tick">({
    onElement: (_, { timers }) => timers.event("tick").set(10),
    onTimer: {
      tick({ timers, timestampMs, emit }) {
        emit("tick");
        timers.event("tick").set(timestampMs + 10);
      },
    },
  });
  watch.element("a", "", 0);
  watch.watermark(35);
  expect(watch.take().map(({ timestampMs }) => timestampMs)).toEqual([10, 20, 30]);
});

test("undo arms timers that had fired or were moved; a takeover arms all", () => {
  const watch = timing();
  const other = timing();
  watch.element("a", "set 10", 0);
  watch.element("b", "set 10", 0);
  watch.element("c", "wake 5", 0);
  other.apply(watch.commit());
  watch.element("b", "set 90", 0);
  watch.watermark(20);
  watch.processingTime(5);
  watch.undo();
  watch.take();
  for (const each of [watch, other]) {
    each.watermark(20);
    each.processingTime(5);
    const fired = each.take().map(({ key }) => key);
    expect(new Set(fired)).toEqual(new Set(["a", "b", "c"]));
    expect(fired).toHaveLength(3);
    each.commit();
    expect(each.state.keyCount).toBe(0);
  }
});

test("a timer that can't be is the user's failure: no function, or no time", () => {
  const watch = timing();
  expect(() => watch.element("a", "set x", 0)).toThrow(
    expect.objectContaining({ operator: "watch", message: expect.stringContaining("NaN") }),
  );
  const bare = processing<Record<never, never>, "due">({
    onElement: (_, { timers }) => timers.event("due").set(1),
  });
  expect(() => bare.element("a", "", 0)).toThrow(expect.objectContaining({ operator: "watch" }));
});

describe("what fails behind the function", () => {
  const error = jobError("aggregate-merge-missing", { message: "behind" });
  const throwing = {
    emit() {
      throw error;
    },
  };

  test("stays what it is", () => {
    const watch = processing({ onElement: (value, { emit }) => emit(value) }, throwing);
    expect(() => watch.element("a", "", 0)).toThrow(error);
  });

  test("is not lost where the function catches it", () => {
    const watch = processing(
      {
        onElement(value, { emit }) {
          try {
            emit(value);
          } catch {
            // As a user might.
          }
        },
      },
      throwing,
    );
    expect(() => watch.element("a", "", 0)).toThrow(error);
  });

  test("is not the same as an error of that kind which the function throws itself: one element must not stop the shard", () => {
    const watch = processing({
      onElement() {
        throw error;
      },
    });
    expect(() => watch.element("a", "", 0)).toThrow(
      expect.objectContaining({ operator: "watch", cause: error }),
    );
  });
});

test("a state can't take the name of the timers' own", () => {
  expect(() =>
    processing({ state: { timers: { kind: "value" } }, onElement: () => undefined }),
  ).toThrow(expect.objectContaining({ code: "state-name-reserved" }));
});

test("timers of one name are as many as their ids, in one order that commits and loading do not change", () => {
  const reminding = () =>
    processing({
      onElement(id, { timers }) {
        if (id.startsWith("-")) timers.event("tell", id.slice(1)).clear();
        else if (id === "all") timers.event("tell").set(50);
        else timers.event("tell", id).set(50);
      },
      onTimer: {
        tell: ({ timerId, timestampMs, emit }) => emit(`${timerId ?? "all"} at ${timestampMs}`),
      },
    });
  const watch = reminding();
  for (const id of ["c", "a", "all", "b", "d", "-d"]) watch.element("k", id, 0);
  const other = reminding();
  other.apply(watch.commit());
  for (const each of [watch, other]) {
    each.watermark(60);
    expect(each.take().map(({ value }) => value)).toEqual([
      "all at 50",
      "a at 50",
      "b at 50",
      "c at 50",
    ]);
  }
});

test("an id that is no text, or has no end, is refused", () => {
  for (const id of [7, null, "x".repeat(257)]) {
    const watch = processing({
      onElement: (_, { timers }) => timers.event("tell", id as never).set(1),
      onTimer: { tell: () => undefined },
    });
    expect(() => watch.element("k", "", 0)).toThrow('The id of timer "tell" of "watch"');
  }
});
