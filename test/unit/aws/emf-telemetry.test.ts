import { expect, test } from "vitest";
import { emfTelemetry } from "../../../runtime/aws/emf-telemetry.ts";
import type { Clock } from "../../../runtime/ports/index.ts";

const clock: Clock = { nowMs: () => 1_700_000_000_000, sleep: async () => {} };

function telemetryWith(lines: string[]) {
  return emfTelemetry({ clock, job: "delays", write: (line) => void lines.push(line) });
}
const parsed = (lines: readonly string[]) =>
  lines.map((line) => JSON.parse(line) as Record<string, unknown>);

test("writes a count as one line of the embedded metric format", () => {
  const lines: string[] = [];
  telemetryWith(lines).count("records", 12, { stage: "s1" });
  expect(parsed(lines)).toEqual([
    {
      _aws: {
        Timestamp: 1_700_000_000_000,
        CloudWatchMetrics: [
          {
            Namespace: "Millrace",
            Dimensions: [["pipeline", "stage"]],
            Metrics: [{ Name: "records", Unit: "Count" }],
          },
        ],
      },
      pipeline: "delays",
      job: "delays",
      stage: "s1",
      records: 12,
    },
  ]);
});

test("takes a metric's unit from the end of its name", () => {
  const lines: string[] = [];
  const { count } = telemetryWith(lines);
  for (const name of ["exchangeLagMs", "stateBytes", "ringUsedPercent", "slots"]) count(name, 1);
  const units = parsed(lines).map(({ _aws }) => JSON.stringify(_aws).match(/"Unit":"(\w+)"/)?.[1]);
  expect(units).toEqual(["Milliseconds", "Bytes", "Percent", "Count"]);
});

test("an alarm is a metric by its code and an error line with its detail", () => {
  const lines: string[] = [];
  telemetryWith(lines).alarm("ring-full", { slot: "a/1" });
  expect(parsed(lines)[0]).toMatchObject({
    alarms: 1,
    code: "ring-full",
    level: "error",
    detail: { slot: "a/1" },
  });
});

test("never writes the value of what sounds like a secret", () => {
  const lines: string[] = [];
  telemetryWith(lines).log("warn", "m", {
    headers: { Authorization: "hunter2" },
    apiKey: "hunter2",
    tokens: 3,
  });
  expect(lines.join()).not.toContain("hunter2");
  expect(parsed(lines)[0]).toMatchObject({ detail: { tokens: 3 } });
});

test("leaves out lines below its level", () => {
  const lines: string[] = [];
  telemetryWith(lines).log("debug", "m");
  expect(lines).toEqual([]);
});

test("never throws: not for a number that is none, a cycle, or a closed output", () => {
  const lines: string[] = [];
  const cycle: Record<string, never> = {};
  Object.assign(cycle, { cycle });
  telemetryWith(lines).count("records", NaN);
  telemetryWith(lines).log("info", "m", cycle);
  const broken = emfTelemetry({
    clock,
    job: "delays",
    write: () => {
      throw new Error("EPIPE");
    },
  });
  broken.alarm("a", {});
  expect(parsed(lines)).toMatchObject([{ level: "warn" }]);
});
