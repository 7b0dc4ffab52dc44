import { expect, test } from "vitest";
import type { SlotMeta } from "../../../runtime/job/slot-meta.ts";
import type { SlotRef } from "../../../runtime/job/slot-ref.ts";
import { isChangedMeta } from "../../../runtime/slot/step/changed-meta.ts";

const exchange: SlotRef = { name: "exchange/s-0", stream: "exchange", shardId: "s-0" };
const source: SlotRef = { name: "visits/s-0", source: "visits", stream: "visits", shardId: "s-0" };

const meta: SlotMeta = {
  version: 4,
  epoch: 1,
  range: { firstHash: "0".repeat(32), lastHash: "f".repeat(32) },
  cursor: { sequence: "10" },
  pastFence: false,
  watermarks: { "0": { ms: 1_000, idle: false } },
  marks: { "visits/s-0": [[0, 9, 3]] },
  sentToSelf: [],
  tickClockMs: 5,
  counters: { records: 1, deadLetters: 0, operators: { counts: [1, 0] } },
};

const isChanged = (change: Partial<SlotMeta>, slot = exchange) =>
  isChangedMeta(meta, { ...meta, ...change }, slot);

test("what others, or the slot itself later, must know is worth a commit", () => {
  const changes: readonly Partial<SlotMeta>[] = [
    { pastFence: true },
    { stopping: true },
    { firing: ["0"] },
    { cut: { epoch: 1, version: 3, closed: true } },
    { watermarks: { "0": { ms: 2_000, idle: false } } },
    { watermarks: { "0": { ms: 1_000, idle: true } } },
    { watermarks: { "0": { ms: 1_000, idle: false, own: 2_000 } } },
    { cursor: { sequence: "10", elements: 3 } },
    { counters: { records: 1, deadLetters: 0, operators: { counts: [2, 0] } } },
    { marks: { ...meta.marks, [exchange.name]: [[0, 9, 4]] } },
    { source: { maxTimestampMs: 1, lastRecordMs: 1, ended: true, idle: false } },
  ];
  for (const change of changes) expect([change, isChanged(change)]).toEqual([change, true]);
});

test("what only follows the stream is not: it is read again", () => {
  const changes: readonly Partial<SlotMeta>[] = [
    {},
    { version: 5 },
    { tickClockMs: 6 },
    { cursor: { sequence: "11" } },
    { marks: { "visits/s-0": [[0, 9, 4]] } },
  ];
  for (const change of changes) expect([change, isChanged(change)]).toEqual([change, false]);
});

test("a source slot's cursor is all that it has: where it moved, something was read", () => {
  expect(isChanged({ cursor: { sequence: "11" } }, source)).toBe(true);
});
