import { describe, expect, test } from "vitest";
import { logEntry, logText } from "../../../cli/log-line.ts";
import { emfTelemetry } from "../../../runtime/aws/emf-telemetry.ts";
import type { Telemetry } from "../../../runtime/ports/index.ts";

const atMs = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

/** What the job's telemetry writes, read again; undefined where it is not shown. */
function shown(write: (telemetry: Telemetry) => void): string | undefined {
  const lines: string[] = [];
  const clock = { nowMs: () => atMs, sleep: async () => {} };
  write(emfTelemetry({ clock, job: "shop", write: (line) => void lines.push(line) }));
  expect(lines).toHaveLength(1);
  return textOf(lines[0]!);
}

function textOf(message: string): string | undefined {
  const entry = logEntry({ id: "1", timeMs: atMs, message });
  return entry && logText(entry, "process");
}

describe("a line of a function's log", () => {
  test("shows what the job notes, with its slot and details", () => {
    const detail = { slot: "exchange/shard-1", attempt: 2, error: "no\n  such row" };
    expect(shown(({ log }) => log("warn", "user code failed", detail))).toBe(
      "2026-01-02T03:04:05.678Z  WARN   process exchange/shard-1  user code failed  attempt=2  error=no ⏎ such row",
    );
  });

  test("shows an alarm, and not the metric that it is as well", () => {
    const detail = { slot: "orders/shard-0", version: 7 };
    expect(shown(({ alarm }) => alarm("ring-full", detail))).toBe(
      "2026-01-02T03:04:05.678Z  ERROR  process orders/shard-0  alarm ring-full  version=7",
    );
  });

  test("keeps a code that is a detail", () => {
    const detail = { code: "ring-full" };
    expect(shown(({ log }) => log("warn", "a batch is given back", detail))).toContain(
      "a batch is given back  code=ring-full",
    );
  });

  test("leaves metrics out", () => {
    expect(shown(({ count }) => count("slots", 3))).toBeUndefined();
  });

  test("shows what user code prints, as Lambda wraps it", () => {
    const message = { timestamp: "2026-01-02T03:04:05.678Z", level: "INFO", requestId: "r" };
    expect(textOf(JSON.stringify({ ...message, message: "hello" }))).toBe(
      "2026-01-02T03:04:05.678Z  INFO   process  hello",
    );
    expect(textOf("not JSON\n")).toBe("2026-01-02T03:04:05.678Z  INFO   process  not JSON");
  });

  test("shows an invocation that failed, and none that went well", () => {
    const report = (status: string, more: object = {}): string =>
      JSON.stringify({
        time: "",
        type: "platform.report",
        record: { requestId: "r", status, ...more },
      });
    expect(textOf(report("success"))).toBeUndefined();
    expect(textOf(report("timeout"))).toContain("ERROR  process  platform.report: timeout");
    expect(textOf(report("error", { errorType: "Runtime.ExitError" }))).toContain(
      "platform.report: error  errorType=Runtime.ExitError",
    );
    const thrown = { level: "ERROR", requestId: "r", errorType: "TypeError", errorMessage: "no" };
    expect(textOf(JSON.stringify(thrown))).toContain("ERROR  process  TypeError: no");
  });
});
