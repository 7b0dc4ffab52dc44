import { expect, test } from "vitest";
import { jobProgress } from "../../../runtime/observe/job-progress.ts";
import { jsonView } from "../../../cli/json-view.ts";
import { operatorLines, progressLine } from "../../../cli/progress-text.ts";
import { rateMeter } from "../../../cli/rate-meter.ts";
import { terminalView } from "../../../cli/terminal-view.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import type { SlotProgress } from "../../../runtime/job/progress.ts";
import { visitsJob } from "../../integration/visits-job.ts";

const plan = buildPlan(visitsJob().graph);
const nowMs = Date.UTC(2026, 0, 1);

function row(slot: string, content: Partial<SlotProgress>): SlotProgress {
  const range = { firstHash: "0".repeat(32), lastHash: "f".repeat(32) };
  const shared = { stream: "", shardId: slot, range, version: 1, epoch: 0, watermarks: {} };
  const counters = { records: 0, deadLetters: 0, operators: {} };
  const rest = { sealed: false, ended: false, stateBytes: 0, keys: 0, tickClockMs: 0, atMs: nowMs };
  return { slot, ...shared, counters, ...rest, ...content };
}

const at = (ms: number, idle = false) => ({ ms, idle });

test("operators sum over the slots of their stage; sealed slots have passed their counters on", () => {
  const progress = jobProgress(
    plan,
    [
      row("visits/0", { counters: { records: 9, deadLetters: 1, operators: {} }, sealed: true }),
      row("visits/1", { counters: counted({ "visits/visits": [7, 0] }, 8, 1) }),
      row("visits/2", { counters: counted({ "visits/visits": [5, 0] }, 5, 2) }),
      row("exchange/0", {
        counters: counted({ "windows/windows": [3, 2] }),
        stateBytes: 40,
        stateBytesByOperator: { "windows/windows": 40 },
      }),
    ],
    nowMs,
  );
  expect(progress).toMatchObject({ records: 13, deadLetters: 3, stateBytes: 40 });
  const operator = (name: string) => progress.operators.find((each) => each.name === name);
  expect(operator("visits/visits")).toMatchObject({ received: 12, late: 0, deadLetters: 3 });
  expect(operator("windows/windows")).toMatchObject({ received: 3, late: 2, stateBytes: 40 });
});

test("a watermark is that of the slowest slot that is not idle", () => {
  const of = (...slots: SlotProgress[]) => jobProgress(plan, slots, nowMs).operators[0];
  const slow = row("visits/0", { watermarks: { visits: at(100) } });
  const idle = row("visits/1", { watermarks: { visits: at(50, true) } });
  expect(of(slow, idle)).toMatchObject({ watermarkMs: 100, idle: false });
  expect(of(idle)).toMatchObject({ watermarkMs: 50, idle: true });
  expect(of(slow, row("visits/1", {}))).toMatchObject({ watermarkMs: -Infinity });
});

test("where all slots are idle, a watermark is that of the fastest, as the stages behind are told", () => {
  const idle = (slot: string, ms: number) => row(slot, { watermarks: { visits: at(ms, true) } });
  const [first] = jobProgress(plan, [idle("visits/0", 50), idle("visits/1", 90)], nowMs).operators;
  expect(first).toMatchObject({ watermarkMs: 90, idle: true });
});

test("in a line, operators that are idle don't say how far the job has come", () => {
  const rows = [
    row("visits/0", { watermarks: { visits: at(nowMs - 90_000, true) } }),
    row("exchange/0", { watermarks: { windows: at(nowMs - 3_000), totals: at(nowMs - 2_000) } }),
  ];
  const progress = jobProgress(plan, rows, nowMs);
  expect(progressLine(progress, { records: 0, operators: {} }, { elapsedMs: 0 })).toContain(
    "watermark 2025-12-31T23:59:57Z (3.0 s behind now)  ",
  );
});

test("a line says rate, watermark and its lag, state, late and dead letters", () => {
  const before = jobProgress(plan, [], nowMs - 2_000);
  const progress = jobProgress(
    plan,
    [
      row("visits/0", {
        counters: counted({ "visits/visits": [5_000, 0] }, 5_000, 4),
        watermarks: { visits: at(nowMs - 3_000) },
      }),
      row("exchange/0", {
        counters: counted({ "windows/windows": [2_000, 6] }),
        watermarks: { windows: at(nowMs - 90_000), totals: at(-Infinity) },
        stateBytes: 2_048,
        stateBytesByOperator: { "windows/windows": 2_048 },
      }),
    ],
    nowMs,
  );
  const rates = rateMeter(before)(progress);
  expect(progressLine(progress, rates, { elapsedMs: 2_000 })).toBe(
    "2.0 s  5,000 records  2,500/s  watermark none  state 2.0 KiB  late 6  dead letters 4",
  );
  const lines = operatorLines(progress, rates);
  expect(lines).toHaveLength(1 + progress.operators.length);
  expect(lines[1]).toMatch(
    /^visits\/visits +2,500 +5,000 +2025-12-31T23:59:57Z \(3.0 s behind now\)/,
  );
  expect(lines[2]).toMatch(
    /^windows\/windows +1,000 +2,000 .*1 min 30 s behind now\) +2.0 KiB +6 +0$/,
  );
});

test("at 60 columns watermark and dead letters are there, in the line and of each operator", () => {
  const before = jobProgress(plan, [], nowMs - 2_000);
  const progress = jobProgress(
    plan,
    [
      row("visits/0", {
        counters: counted({ "visits/visits": [5_000_000, 0] }, 5_000_000, 4),
        watermarks: { visits: at(nowMs - 3_000) },
        stateBytes: 2_048_000,
      }),
      row("exchange/0", { watermarks: { windows: at(nowMs - 90_000), totals: at(nowMs) } }),
    ],
    nowMs,
  );
  const rates = rateMeter(before)(progress);
  const line = progressLine(progress, rates, { elapsedMs: 2_000, columns: 60 });
  expect(line).toBe("2.0 s  watermark 2025-12-31T23:58:30Z  dead letters 4");
  const lines = operatorLines(progress, rates, 60);
  expect(lines[0]).toMatch(/^operator .*watermark .*dead$/);
  expect(lines[1]).toMatch(/^visits\/visits .*2025-12-31T23:59:57Z .* 4$/);
  expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(60);
  const narrow = operatorLines(progress, rates, 30);
  expect(narrow[1]).toMatch(/^\S*…?\S* +2025-12-31T23:59:57Z +4$/);
});

test("event time of long ago is held against the job's newest watermark", () => {
  const rows = [
    row("visits/0", { watermarks: { visits: at(90_000) } }),
    row("exchange/0", { watermarks: { windows: at(80_000), totals: at(Infinity) } }),
  ];
  const progress = jobProgress(plan, rows, nowMs);
  const text = operatorLines(progress, rateMeter(progress)(progress)).join("\n");
  expect(text).toMatch(/windows\/windows .*1970-01-01T00:01:20Z \(10.0 s behind newest\)/);
  expect(text).toMatch(/totals\/totals .* end /);
});

test("a terminal's block is redrawn in place and cut to its width", () => {
  let text = "";
  const view = terminalView({ columns: 30, write: (part: string) => (text += part) });
  const progress = jobProgress(plan, [], nowMs);
  const draw = () => view.progress(progress, { records: 0, operators: {} }, 0);
  draw();
  const height = 2 + progress.operators.length;
  expect(text.split("\n")).toHaveLength(height + 1);
  expect(Math.max(...text.split("\n").map(({ length }) => length))).toBeLessThan(34);
  text = "";
  draw();
  expect(text.startsWith(`\u001b[${height}A\r\u001b[J`)).toBe(true);
});

test("JSON has no infinities: watermarks are numbers, none or end", () => {
  let text = "";
  const view = jsonView({ write: (part: string) => (text += part) });
  const rows = [row("visits/0", { watermarks: { visits: at(Infinity) } })];
  view.progress(jobProgress(plan, rows, nowMs), { records: 0, operators: {} }, 5);
  expect(JSON.parse(text)).toMatchObject({
    type: "progress",
    elapsedMs: 5,
    operators: expect.arrayContaining([
      expect.objectContaining({ name: "visits/visits", watermarkMs: "end" }),
      expect.objectContaining({ name: "windows/windows", watermarkMs: "none" }),
    ]),
  });
});

function counted(
  operators: SlotProgress["counters"]["operators"],
  records = 0,
  deadLetters = 0,
): SlotProgress["counters"] {
  const [first = ""] = Object.keys(operators);
  return { records, deadLetters, deadLettersByOperator: { [first]: deadLetters }, operators };
}
