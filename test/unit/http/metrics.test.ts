import parsed from "parse-prometheus-text-format";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApi } from "../../../http/create-api.ts";
import { objectNames } from "../../../runtime/layout/names.ts";
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
