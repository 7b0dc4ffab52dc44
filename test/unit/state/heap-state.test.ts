import { expect, test } from "vitest";
import { HeapState } from "../../../runtime/state/heap-state.ts";
import type { StateEntry } from "../../../runtime/state/state-entry.ts";
import { stateBackendContract } from "../../contract/state-backend.contract.ts";

stateBackendContract("heap", (stage, locate) => new HeapState(stage, locate));

test("a value that no batch has used for a while is kept as its bytes alone, and read from them again", () => {
  const state = new HeapState("stage", () => 0);
  const cell = state.declareValue<{ n: number }>({ uid: "op", name: "value" });
  const use = (key: string): void => {
    state.valueEntry(state.record(key), cell).value = { n: 1 };
    state.prepare();
    state.accept();
  };
  const entryOf = (key: string): StateEntry => state.record(key).cells[cell] as StateEntry;
  use("cold");
  for (let batch = 0; batch < 20; batch++) use("hot");
  expect(entryOf("cold").unread).toBe(true);
  expect(entryOf("hot").unread).toBe(false);
  (state.valueEntry(state.record("cold"), cell).value as { n: number }).n = 2;
  expect(state.prepare()?.keys).toEqual(["cold"]);
  state.undo();
  expect(state.valueEntry(state.record("cold"), cell).value).toEqual({ n: 1 });
});
