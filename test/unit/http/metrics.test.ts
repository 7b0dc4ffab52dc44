import parsed from "parse-prometheus-text-format";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApi } from "../../../http/create-api.ts";
import { objectNames } from "../../../runtime/layout/names.ts";
import { metricList } from "../../../http/metrics/metric-list.ts";
import { prometheusText } from "../../../http/metrics/prometheus-text.ts";
import { runEmbedded } from "../../../dev/run-embedded.ts";
import { userMetrics } from "../../../http/metrics/user-metrics.ts";
import type { JobStatusView, MetricValueView } from "../../../http/schemas/job.ts";
import { serveJob, someClicks } from "./served-job.ts";

type Served = Awaited<ReturnType<typeof serveJob>>;
let served: Served;
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

test("what is listed is what is written", async () => {
  const text = await (await served.get("/metrics")).text();
  const written = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => ({
    name,
    type,
  }));
  const fixed = written.filter(({ name = "" }) => !name.startsWith("millrace_user_"));
  expect(fixed).toEqual(metricList.map(({ name, type }) => ({ name, type })));
});

const totals = 'job="clicks",stage="totals",operator="totals/totals"';

/** What users' functions count, behind name and labels. */
async function counted(api: Served["api"]): Promise<readonly string[]> {
  const text = await (await api.request("/metrics")).text();
  return text.split("\n").filter((line) => line.startsWith("millrace_user_"));
}

test("what users' functions count is of what was committed: an element that was refused, however often it was tried, counts nothing", async () => {
  // Of seven users four have nine clicks, two eight, and one seven: its eighth was refused.
  const lines = [
    `millrace_user_seen{${totals}} 59`,
    `millrace_user_opened{${totals}} 118`,
    `millrace_user_highest{${totals}} 9`,
    `millrace_user_totals_bucket{${totals},le="2"} 14`,
    `millrace_user_totals_bucket{${totals},le="8"} 55`,
    `millrace_user_totals_bucket{${totals},le="+Inf"} 59`,
    `millrace_user_totals_sum{${totals}} ${4 * 45 + 2 * 36 + 28}`,
    `millrace_user_totals_count{${totals}} 59`,
  ];
  expect(await counted(served.api)).toEqual(lines);
  const text = await (await served.get("/metrics")).text();
  expect(text).toContain("# TYPE millrace_user_totals histogram\n");
  const family = parsed(text).find(({ name }) => name === "millrace_user_seen");
  expect(family!.type).toBe("COUNTER");
});

test("they go on where they were when the job is taken up again", async () => {
  const other = await serveJob();
  other.run.stop();
  await other.run.done;
  const again = await runEmbedded({ job: other.job });
  await other.put(someClicks);
  await other.untilTaken(2 * someClicks.length);
  expect(await counted(other.api)).toContain(`millrace_user_seen{${totals}} 118`);
  again.stop();
  await again.done;
  other.ports.close();
});

test("where jobs of a store have metrics of one name and other kinds, their names say which", () => {
  const operator = (value: MetricValueView) => ({
    stage: "s",
    name: "s/o",
    metrics: { size: value },
  });
  const status = (job: string, value: MetricValueView) =>
    ({ job, operators: [operator(value)] }) as unknown as JobStatusView;
  const metrics = userMetrics([
    status("a", { kind: "counter", count: 1 }),
    status("b", { kind: "gauge", value: 2, over: "sum" }),
    status("c", { kind: "meter", count: 3 }),
  ]);
  expect(metrics.map(({ name, measured }) => [name, measured.length])).toEqual([
    ["millrace_user_size_of_counter", 2],
    ["millrace_user_size_of_gauge", 1],
  ]);
});

test("a label may hold anything", () => {
  const odd = 'a"b\\c\nd{e="f"}';
  const measured = [{ labels: { slot: odd }, value: 1 }];
  const [family] = parsed(prometheusText([{ name: "m", type: "gauge", help: "h", measured }]));
  expect(family!.metrics[0]!.labels["slot"]).toBe(odd);
});

/** What is measured of the jobs, behind its name and labels. */
async function measured(api: { readonly request: (path: string) => Response | Promise<Response> }) {
  const text = await (await api.request("/metrics")).text();
  return Object.fromEntries(
    text.split("\n").flatMap((line) => {
      const [, name, value] = /^(millrace_job_\w+\{.*\}) (.*)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, Number(value)]];
    }),
  );
}

test("what is damaged of one job costs the others nothing", async () => {
  const key = objectNames.manifest("clicks", 1, 1);
  const manifest = (await served.ports.objects.get(key))!;
  await served.ports.objects.put(key, new TextEncoder().encode("{}"));
  const without = await measured(served.api);
  expect(without['millrace_job_numRecordsIn{job="clicks"}']).toBe(60);
  expect(without).not.toHaveProperty('millrace_job_lastCheckpointDuration{job="clicks"}');
  await served.ports.objects.put(key, manifest);
  const control: typeof served.ports.control = {
    ...served.ports.control,
    list: async (partition, ...rest) => {
      if (partition.includes("broken")) throw new SyntaxError("Unexpected end of JSON input");
      return await served.ports.control.list(partition, ...rest);
    },
    get: async (place) =>
      await served.ports.control.get({
        ...place,
        partition: place.partition.replace("broken", "clicks"),
      }),
  };
  const both = createApi({
    ports: { ...served.ports, control },
    jobs: async () => ["broken", "clicks"],
    allowWrites: false,
  });
  expect(await measured(both)).toMatchObject({
    'millrace_job_unreadable{job="broken"}': 1,
    'millrace_job_unreadable{job="clicks"}': 0,
    'millrace_job_numRecordsIn{job="clicks"}': 60,
  });
});

test("a job whose process was stopped doesn't run, and hasn't ended", async () => {
  const other = await serveJob();
  const running = 'millrace_job_running{job="clicks"}';
  expect((await measured(other.api))[running]).toBe(1);
  other.run.stop();
  await other.run.done;
  expect((await measured(other.api))[running]).toBe(0);
  expect(await (await other.get("/jobs/clicks")).json()).toMatchObject({ state: "running" });
  other.ports.close();
});
