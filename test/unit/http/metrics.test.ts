import parsed from "parse-prometheus-text-format";
import { afterAll, beforeAll, expect, test } from "vitest";
import { prometheusText } from "../../../http/prometheus-text.ts";
import { serveJob } from "./served-job.ts";

let served: Awaited<ReturnType<typeof serveJob>>;
beforeAll(async () => void (served = await serveJob()));
afterAll(async () => await served.close());

test("metrics are read by Prometheus' parsers, with Flink's names", async () => {
  const response = await served.get("/metrics");
  expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
  const families = new Map(parsed(await response.text()).map((family) => [family.name, family]));
  const valueOf = (name: string, labels: Readonly<Record<string, string>>): number => {
    const found = families
      .get(name)
      ?.metrics.find((one) =>
        Object.entries(labels).every(([key, text]) => one.labels[key] === text),
      );
    return Number(found?.value);
  };
  const job = { job: "clicks" };
  expect(valueOf("millrace_job_running", job)).toBe(1);
  expect(valueOf("millrace_job_numRecordsIn", job)).toBe(60);
  expect(valueOf("millrace_job_lastCompletedCheckpointId", job)).toBe(1);
  expect(valueOf("millrace_job_lastCheckpointDuration", job)).toBeGreaterThan(0);
  const operator = { ...job, operator: "totals/totals", stage: "totals" };
  expect(valueOf("millrace_operator_numRecordsIn", operator)).toBe(59);
  expect(valueOf("millrace_operator_numLateRecordsDropped", operator)).toBe(0);
  expect(valueOf("millrace_operator_currentInputWatermark", operator)).toBe(1_055_999);
  expect(families.get("millrace_operator_numRecordsIn")!.type).toBe("COUNTER");
  expect(families.get("millrace_slot_quiet")!.metrics).toHaveLength(4);
});

test("a label may hold anything", () => {
  const odd = 'a"b\\c\nd{e="f"}';
  const measured = [{ labels: { slot: odd }, value: 1 }];
  const [family] = parsed(prometheusText([{ name: "m", type: "gauge", help: "h", measured }]));
  expect(family!.metrics[0]!.labels["slot"]).toBe(odd);
});
