import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { packMessage, unpackMessage, unpackPlain } from "../../runtime/serde/msgpack.ts";
import type { MapOptions } from "../../runtime/state/keyed-state.ts";
import type { StateDelta } from "../../runtime/state/state-delta.ts";
import type { KeyLocator, StateBackend } from "../../runtime/state/state-backend.ts";

/** A backend with a value and a map, in short. */
function keptIn(state: StateBackend, options: MapOptions<string, unknown>) {
  const value = state.declareValue<unknown>({ uid: "op", name: "value" });
  const map = state.declareMap<string, unknown>({ uid: "op", name: "map" }, options);
  return {
    state,
    set: (key: string, to: unknown) => void (state.valueEntry(state.record(key), value).value = to),
    get: (key: string) => state.valueEntry(state.record(key), value).value,
    clear: (key: string) => state.valueEntry(state.record(key), value).remove(),
    put: (key: string, mapKey: string, to: unknown) =>
      void (state.mapEntry(state.record(key), map, mapKey).value = to),
    remove: (key: string, mapKey: string) =>
      state.findMapEntry(state.record(key), map, mapKey)?.remove(),
    ordered: (key: string, from?: string, to = "") =>
      state
        .orderedMapEntries(state.record(key), map, from === undefined ? undefined : { from, to })
        .map(({ mapKey }) => mapKey),
    last: (key: string) => state.lastMapKey(state.record(key), map),
    entries: (key: string) =>
      Array.from(state.mapEntries(state.record(key), map), (entry) => [entry.mapKey, entry.value]),
    commit() {
      const delta = state.prepare();
      state.accept();
      return delta;
    },
  };
}

type Kept = ReturnType<typeof keptIn>;

/** As it travels: through bytes, as another environment gets it. */
const sent = (delta: StateDelta): StateDelta => unpackMessage(packMessage(delta)) as StateDelta;

function contentOf({ state }: Kept): readonly string[] {
  const { keys, cells, key, cell, mapKey, committed } = state.snapshot();
  return committed
    .map((held, at) => {
      const plain = held instanceof Uint8Array ? unpackPlain(held) : held;
      return JSON.stringify([keys[key[at]!], cells[cell[at]!], mapKey[at], plain]);
    })
    .sort();
}

/** What every home of keyed state keeps. */
export function stateBackendContract(
  name: string,
  create: (stage: string, locate: KeyLocator) => StateBackend,
): void {
  const createState = (options: MapOptions<string, unknown> = {}): Kept =>
    keptIn(
      create("stage", (key) => String(key).length),
      options,
    );

  describe(`keyed state: ${name}`, () => {
    test("undo takes back what was set, removed and changed in place", () => {
      const kept = createState();
      kept.set("a", { list: [1] });
      kept.put("a", "x", { n: 1 });
      kept.commit();
      (kept.get("a") as { list: number[] }).list.push(2);
      kept.set("b", 5);
      kept.remove("a", "x");
      kept.put("a", "y", 2);
      kept.state.undo();
      expect(kept.get("a")).toEqual({ list: [1] });
      expect(kept.entries("a")).toEqual([["x", { n: 1 }]]);
      expect(kept.get("b")).toBeUndefined();
      expect(kept.commit()).toBeUndefined();
      expect(kept.state.keyCount).toBe(1);
    });

    test("what was changed in place is part of the next commit although it was never set again", () => {
      const kept = createState();
      kept.set("a", { n: 1 });
      kept.commit();
      (kept.get("a") as { n: number }).n = 2;
      const delta = kept.commit()!;
      expect(delta.keys).toEqual(["a"]);
      const other = createState();
      other.state.apply(sent(delta));
      expect(other.get("a")).toEqual({ n: 2 });
    });

    test("a batch that changes nothing after all has no delta", () => {
      const kept = createState();
      kept.set("a", { n: 1 });
      kept.put("a", "x", 1);
      kept.commit();
      kept.set("a", { n: 1 });
      kept.remove("a", "x");
      kept.put("a", "x", 1);
      kept.put("b", "z", 1);
      kept.remove("b", "z");
      expect(kept.commit()).toBeUndefined();
      expect(contentOf(kept)).toHaveLength(2);
    });

    test("entries come by their keys, all of them or those of a range, whatever has come and gone", () => {
      const kept = createState();
      for (const mapKey of ["c", "a", "e", "b", "d"]) kept.put("k", mapKey, 1);
      kept.remove("k", "b");
      expect(kept.ordered("k", "b", "d")).toEqual(["c", "d"]);
      kept.commit();
      expect(kept.ordered("k", "a", "c")).toEqual(["a", "c"]);
      expect(kept.ordered("k", "bb", "cc")).toEqual(["c"]);
      expect(kept.ordered("k", "f", "g")).toEqual([]);
      kept.put("k", "b", 1);
      kept.remove("k", "e");
      kept.put("k", "f", 1);
      expect(kept.ordered("k")).toEqual(["a", "b", "c", "d", "f"]);
      kept.commit();
      expect(kept.ordered("k", "b", "z")).toEqual(["b", "c", "d", "f"]);
      kept.put("k", "bb", 1);
      kept.remove("k", "a");
      kept.state.undo();
      expect(kept.ordered("k")).toEqual(["a", "b", "c", "d", "f"]);
      expect(kept.ordered("none", "a", "z")).toEqual([]);
    });

    test("the highest key is that of the last entry that is there, whatever has come and gone", () => {
      const kept = createState();
      expect(kept.last("k")).toBeUndefined();
      for (const mapKey of ["c", "a", "e"]) kept.put("k", mapKey, 1);
      expect(kept.last("k")).toBe("e");
      kept.remove("k", "e");
      expect(kept.last("k")).toBe("c");
      kept.commit();
      kept.put("k", "d", 1);
      expect(kept.last("k")).toBe("d");
      kept.state.undo();
      expect(kept.last("k")).toBe("c");
    });

    test("records in which nothing is left are dropped", () => {
      const kept = createState();
      kept.get("looked-at");
      kept.set("a", 1);
      kept.put("b", "x", 1);
      kept.commit();
      expect(kept.state.keyCount).toBe(2);
      kept.clear("a");
      kept.remove("b", "x");
      const delta = kept.commit()!;
      expect(kept.state.keyCount).toBe(0);
      expect(kept.state.bytes).toBe(0);
      expect(delta.committed).toEqual([undefined, undefined]);
    });

    test("timers are armed for entries that were loaded or put back, not for those that went", () => {
      const armed: unknown[] = [];
      const kept = createState({ onLoad: ({ mapKey }) => void armed.push(mapKey) });
      kept.put("a", "x", 1);
      const first = kept.commit()!;
      expect(armed).toEqual([]);
      kept.remove("a", "x");
      kept.put("a", "y", 2);
      kept.state.undo();
      expect(armed).toEqual(["x"]);
      const other = createState({
        onLoad: ({ mapKey }) => void armed.push(`other ${String(mapKey)}`),
      });
      other.state.apply(sent(first));
      kept.remove("a", "x");
      other.state.apply(sent(kept.commit()!));
      expect(armed).toEqual(["x", "other x"]);
    });

    test("applied with a filter it holds only the keys that pass", () => {
      const kept = createState();
      for (const key of ["a", "bb", "ccc"]) kept.set(key, key);
      kept.commit();
      const child = createState();
      child.state.apply(sent(kept.state.snapshot()), ({ group }) => group >= 2);
      expect(contentOf(child)).toEqual([
        '["bb","op/value",null,"bb"]',
        '["ccc","op/value",null,"ccc"]',
      ]);
      expect(child.state.keyCount).toBe(2);
    });

    test("a delta with a state that the job doesn't declare is refused", () => {
      const delta = {
        stage: "stage",
        cells: ["op/gone"],
        keys: ["a"],
        key: [0],
        cell: [0],
        mapKey: [null],
        committed: [1],
      };
      expect(() => createState().state.apply(delta)).toThrow(
        expect.objectContaining({ code: "state-unknown" }),
      );
    });

    test("whatever is committed or undone, another instance that applies the deltas holds the same", () => {
      const key = fc.constantFrom("a", "b", "cc");
      const mapKey = fc.constantFrom("x", "y", "z");
      const held = fc.oneof(
        fc.integer(),
        fc.string({ maxLength: 3 }),
        fc.constant(null),
        fc.record({ n: fc.nat(3) }),
      );
      const step = fc.oneof(
        fc.record({ kind: fc.constant("set" as const), key, held }),
        fc.record({ kind: fc.constant("put" as const), key, mapKey, held }),
        fc.record({ kind: fc.constant("clear" as const), key }),
        fc.record({ kind: fc.constant("remove" as const), key, mapKey }),
        fc.record({ kind: fc.constant("mutate" as const), key }),
      );
      const batch = fc.record({ steps: fc.array(step, { maxLength: 8 }), commits: fc.boolean() });
      fc.assert(
        fc.property(fc.array(batch, { maxLength: 8 }), (batches) => {
          const [kept, other] = [createState(), createState()];
          const deltas: StateDelta[] = [];
          for (const { steps, commits } of batches) {
            const before = contentOf(kept);
            for (const each of steps) {
              if (each.kind === "set") kept.set(each.key, structuredClone(each.held));
              else if (each.kind === "put")
                kept.put(each.key, each.mapKey, structuredClone(each.held));
              else if (each.kind === "clear") kept.clear(each.key);
              else if (each.kind === "remove") kept.remove(each.key, each.mapKey);
              else {
                const found = kept.get(each.key);
                if (typeof found === "object" && found !== null) (found as { n: number }).n += 1;
              }
            }
            const delta = kept.state.prepare();
            if (commits) kept.state.accept();
            else kept.state.undo();
            if (!commits) expect(contentOf(kept)).toEqual(before);
            else if (delta !== undefined) {
              deltas.push(delta);
              other.state.apply(sent(delta));
            }
            expect(contentOf(other)).toEqual(contentOf(kept));
            expect(other.state.keyCount).toBe(kept.state.keyCount);
            expect(other.state.bytes).toBe(kept.state.bytes);
          }
          const cold = createState();
          for (const delta of deltas) cold.state.apply(delta);
          expect(contentOf(cold)).toEqual(contentOf(kept));
        }),
        { numRuns: 300 },
      );
    });

    test("an entry that was kept under another key is applied under the one that it has now, and so is its removal", () => {
      const older = createState();
      const newer = createState({ keyNow: (key) => `now ${String(key)}` });
      older.put("a", "x", 1);
      older.put("a", "y", 2);
      newer.state.apply(sent(older.commit()!));
      expect(newer.entries("a")).toEqual([
        ["now x", 1],
        ["now y", 2],
      ]);
      older.remove("a", "x");
      newer.state.apply(sent(older.commit()!));
      expect(newer.entries("a")).toEqual([["now y", 2]]);
    });

    test("a delta that takes a key's last entry before it gives it another loses nothing", () => {
      const writer = createState();
      const reader = createState();
      writer.put("k", "first", 1);
      reader.state.apply(sent(writer.commit()!));
      // As where a map's only entry is replaced by one under another key.
      writer.remove("k", "first");
      writer.put("k", "second", 2);
      reader.state.apply(sent(writer.commit()!));
      expect(contentOf(reader)).toEqual(contentOf(writer));
      expect(reader.entries("k")).toEqual([["second", 2]]);
    });
  });
}
