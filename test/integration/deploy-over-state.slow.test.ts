import { zlibDecompression } from "../../runtime/node/zlib-decompression.ts";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { bundleJob } from "../../bundle/index.ts";
import { loadBundle } from "../../dev/index.ts";
import { runEmbedded } from "../../dev/run-embedded.ts";
import { awsPorts } from "../../runtime/aws/ports.ts";
import { quietTelemetry } from "../../runtime/embedded/console-telemetry.ts";
import {
  systemClock,
  systemRandom,
  zstdCompression,
} from "../../runtime/node/system-environment.ts";
import { systemHeap } from "../../runtime/node/system-heap.ts";
import { listCheckpoints } from "../../runtime/savepoints/index.ts";
import { defaultSlotSettings, type JobRuntime } from "../../runtime/job/job-runtime.ts";
import { listProgress } from "../../runtime/job/progress.ts";
import { jobTableSchema } from "../contract/aws-admin.ts";
import { type AwsWorld, awsWorld } from "../contract/aws-world.ts";
import { type CdkProject, cdkProject } from "../unit/cli/cdk-project.ts";
import { millraceHere } from "../unit/cli/command-here.ts";
import { jsonLines } from "../unit/cli/command.ts";
import { type StacksServer, stacksServer } from "../unit/cli/stacks-server.ts";
import { patienceMs } from "../patience.ts";

/** A job that keeps two states by user; each option is one change of it. */
function visitsJob(
  change: Readonly<Partial<Record<"uid" | "key" | "states" | "more", string>>> = {},
) {
  const {
    uid = "visits",
    key = "user",
    states = "count: valueState(), last: valueState()",
    more = "",
  } = change;
  return `
    import { defineJob, noWatermarks, unchecked, valueState } from "millrace";
    import { dynamodbSink, kinesisSource } from "millrace/connectors";
    export default defineJob("visits", (env) => {
      env
        .source(kinesisSource({ stream: "clicks", schema: unchecked() }), {
          uid: "clicks", watermarks: noWatermarks(),
        })
        ${more}
        .keyBy((click) => click.${key})
        .process({
          uid: "${uid}",
          state: { ${states} },
          onElement(click, ctx) {
            ctx.state.count.set((ctx.state.count.get() ?? 0) + 1);
            ctx.emit({ user: click.user, n: ctx.state.count.get() });
          },
        })
        .sinkTo(dynamodbSink({ table: "counts", key: ["user"] }), { uid: "counts" });
    });
  `;
}

let world: AwsWorld;
let stacks: StacksServer;
let project: CdkProject;
let runtime: JobRuntime;
let running: Awaited<ReturnType<typeof runEmbedded>> | undefined;

const connection = {
  MILLRACE_JOB: "visits",
  MILLRACE_TABLE: "jobs",
  MILLRACE_BUCKET: "state",
  MILLRACE_EXCHANGE_STREAM: "exchange",
  MILLRACE_STREAMS: JSON.stringify({ clicks: "clicks" }),
};

beforeAll(async () => {
  project = cdkProject();
  project.writeJob(visitsJob());
  [world, stacks] = await Promise.all([awsWorld(), stacksServer()]);
  await world.createTable("jobs", jobTableSchema);
  await world.createTable("counts", [{ name: "user", type: "S" }]);
  for (const stream of ["clicks", "exchange"]) await world.createStream(stream, 1);
  const entry = join(project.folder, "job.ts");
  const outfile = join(project.folder, "bundle.mjs");
  const job = await loadBundle(bundleJob({ entry, kind: "embedded", outfile }).file);
  const environment = {
    clock: systemClock,
    random: systemRandom,
    compression: zstdCompression,
    decompression: zlibDecompression,
    heap: systemHeap(),
    telemetry: quietTelemetry,
  };
  runtime = {
    ...job,
    ports: awsPorts({ table: "jobs", bucket: "state", environment, clients: world.clients }),
    names: { exchangeStream: "exchange", streams: { clicks: "clicks" }, tables: {} },
    settings: { ...defaultSlotSettings, fenceSkewMs: 0 },
  };
  running = await runEmbedded({
    job: runtime,
    tuning: { pollMs: 20, batchSize: 50 },
    coordinator: { tickIntervalMs: 50, shardListMs: 100, sourceQuietMs: 200 },
  });
  const data = new TextEncoder().encode(JSON.stringify({ user: "u1", item: "i1" }));
  await runtime.ports.writer.put("clicks", [{ partitionKey: "p", data }]);
  await vi.waitUntil(
    async () => {
      const rows = await listProgress(runtime.ports, { job: "visits", generation: 1 });
      return rows.some(({ keys }) => keys > 0);
    },
    { timeout: patienceMs },
  );
});
afterAll(async () => {
  running?.stop();
  await running?.done;
  await Promise.all([world.close(), stacks.close()]);
  project.remove();
});
beforeEach(() => {
  stacks.deployed = { Clicks: { PipelineConnection5D6C298F: JSON.stringify(connection) } };
});

/** Runs the command and answers which of the CDK's commands it called. */
async function deploy(job: string, ...options: readonly string[]) {
  project.writeJob(job);
  const before = project.commands().length;
  const variables = { ...world.variables, AWS_ENDPOINT_URL_CLOUDFORMATION: stacks.url };
  const end = await millraceHere(project.folder, ["deploy", "app.ts", ...options], variables);
  return { ...end, called: project.commands().slice(before) };
}

const place = "--table jobs --bucket state --job visits";
const changed = visitsJob({
  states: "count: valueState(), last: valueState(), first: valueState()",
});

test("the same plan is deployed over a job that runs", async () => {
  const { called, stdout, stderr } = await deploy(visitsJob({ more: ".map((click) => click)" }));
  expect(stderr).toBe("");
  expect(stdout).toContain("job visits goes on in place: its plan is that of generation 1");
  expect(called).toEqual(["synth", "deploy"]);
});

test("another plan is not deployed over a job that runs, unless it is to be restored later", async () => {
  const refused = await deploy(changed);
  expect(refused.stderr).toContain("(restore-needed)");
  expect(refused.stderr).toContain(`millrace stop ${place}`);
  expect(refused.stderr).toContain(`millrace restore latest job.ts ${place}`);
  expect(refused.exitCode).toBe(1);
  expect(refused.called).toEqual(["synth"]);
  const later = await deploy(changed, "--restore-later");
  expect(later.stderr).toBe("");
  expect(later.called).toEqual(["synth", "deploy"]);
  expect(later.stdout).toContain(
    "job visits stands still until it is restored: millrace restore latest job.ts --outputs .millrace/outputs.json",
  );
});

test("a plan that can't go on from the newest checkpoint is never deployed; one that can is, once the job is stopped", async () => {
  const stop = ["stop", ...place.split(" "), "--json"];
  const stopped = await millraceHere(project.folder, stop, world.variables);
  expect(stopped.stderr).toBe("");
  expect(jsonLines(stopped.stdout)).toMatchObject([{ type: "stopped" }]);
  expect((await listCheckpoints(runtime.ports, "visits")).at(-1)?.stopped).toBe(true);

  const faults: readonly (readonly [string, string, RegExp])[] = [
    [visitsJob({ uid: "calls" }), "state-not-restored", /"visits" .*state "count", "last"/],
    [visitsJob({ key: "item" }), "state-incompatible", /keyed by "user".*by "item"/],
    [visitsJob({ states: "count: valueState()" }), "state-not-restored", /state "last"/],
    [
      visitsJob({ states: "count: valueState({ version: 2 }), last: valueState()" }),
      "state-incompatible",
      /version 1, but the job declares version 2 without migrate/,
    ],
  ];
  for (const [job, code, message] of faults) {
    const { called, exitCode, stderr } = await deploy(job, "--restore-later");
    expect(stderr).toMatch(message);
    expect(stderr).toContain(`(${code})`);
    expect(exitCode).toBe(1);
    expect(called).toEqual(["synth"]);
  }

  const left = await deploy(visitsJob({ uid: "calls" }), "--allow-non-restored-state");
  expect(left.called).toEqual(["synth", "deploy"]);
  expect(left.stdout).toContain("restore latest job.ts --allow-non-restored-state --outputs");
  const fits = await deploy(changed);
  expect(fits.stdout).toContain("job visits has another plan than generation 1; its state fits");
  expect(fits.called).toEqual(["synth", "deploy"]);
});

test("a job that was deployed and has not run yet is compared with nothing", async () => {
  const fresh = JSON.stringify({ ...connection, MILLRACE_TABLE: "fresh" });
  await world.createTable("fresh", jobTableSchema);
  stacks.deployed = { Clicks: { PipelineConnection5D6C298F: fresh } };
  const { called, stdout } = await deploy(changed);
  expect(stdout).toContain("job visits has not run yet");
  expect(called).toEqual(["synth", "deploy"]);
});

test("where the job's table can't be read nothing is deployed", async () => {
  const gone = JSON.stringify({ ...connection, MILLRACE_TABLE: "gone" });
  stacks.deployed = { Clicks: { PipelineConnection5D6C298F: gone } };
  const { called, stderr } = await deploy(changed);
  expect(stderr).toMatch(/table "gone".*store-missing/s);
  expect(called).toEqual(["synth"]);
});
