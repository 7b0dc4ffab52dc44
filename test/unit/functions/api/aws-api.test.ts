import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { deployedApi } from "../../../../functions/api/aws-api.ts";
import { deployedStore } from "../../../../functions/api/deployed-store.ts";
import type { ServedStore } from "../../../../http/served-store.ts";
import type { Telemetry } from "../../../../runtime/ports/index.ts";
import { eventsOf } from "../../http/events-of.ts";
import { plan, serveJob } from "../../http/served-job.ts";
import { invokeApi } from "./invoke-api.ts";

let served: Awaited<ReturnType<typeof serveJob>>;
let store: ServedStore;
const logged: Parameters<Telemetry["log"]>[] = [];
beforeAll(async () => {
  served = await serveJob();
  const telemetry: Telemetry = {
    ...served.ports.telemetry,
    log: (...line) => void logged.push(line),
  };
  store = {
    ports: { ...served.ports, telemetry },
    jobs: async () => [plan.job],
    allowWrites: false,
  };
});
afterAll(async () => await served.close());

const reads = () => deployedApi(store);
const writes = () => deployedApi({ ...store, allowWrites: true });

describe("the function that reads", () => {
  test("answers as the API does anywhere, also where a path has something escaped in it", async () => {
    const job = await invokeApi(reads(), { target: "/jobs/clicks" });
    expect(job).toMatchObject({ status: 200, type: "application/json" });
    expect(JSON.parse(job.body)).toMatchObject({ job: "clicks" });
    const target = "/jobs/clicks/operators/totals%2Ftotals";
    expect(await invokeApi(reads(), { target })).toMatchObject({ status: 200 });
    const state = await invokeApi(reads(), {
      target: "/jobs/clicks/state/totals/total?key=%22u1%22",
    });
    expect(JSON.parse(state.body)).toMatchObject({ entries: [{ value: 9 }] });
  });

  test("changes nothing", async () => {
    const asked = await invokeApi(reads(), {
      method: "POST",
      target: "/jobs/clicks/savepoints",
      body: '{"id":"never"}',
    });
    expect(asked).toMatchObject({ status: 403, type: "application/problem+json" });
    expect(JSON.parse(asked.body)).toMatchObject({ code: "writes-not-allowed" });
  });

  test("ends a stream of events five seconds before its own time is over, between two events", async () => {
    const seen = Promise.withResolvers<void>();
    const { clock } = served.ports;
    const sleep = async (durationMs: number): Promise<void> =>
      await (durationMs === 595_000 ? seen.promise : clock.sleep(durationMs));
    const { status, type, body } = await invokeApi(
      deployedApi({ ...store, ports: { ...store.ports, clock: { ...clock, sleep } } }),
      {
        target: "/jobs/clicks/updates",
        remainingMs: 600_000,
        onChunk: (chunk) => (chunk.includes("data: ") ? seen.resolve() : undefined),
      },
    );
    expect({ status, type }).toEqual({ status: 200, type: "text/event-stream" });
    expect(body).toMatch(/^retry: 1000\n\n/);
    expect(body.endsWith("\n\n")).toBe(true);
    const { data } = await eventsOf(new Response(body)).next();
    expect(data).toMatchObject({ job: "clicks" });
  });

  test("ends it at once where there is no time at all", async () => {
    const { status } = await invokeApi(reads(), { target: "/jobs/clicks/updates", remainingMs: 0 });
    expect(status).toBe(200);
  });
});

describe("the function that changes", () => {
  test("does what it is asked to, and notes who has asked", async () => {
    const asked = await invokeApi(writes(), {
      method: "POST",
      target: "/jobs/clicks/savepoints",
      body: '{"id":"asked-for"}',
    });
    expect(asked.status).toBe(202);
    expect(logged).toContainEqual([
      "info",
      "Something was asked for",
      {
        path: "/jobs/clicks/savepoints",
        status: 202,
        caller: "arn:aws:iam::000000000000:user/local",
      },
    ]);
  });

  test("reads nothing", async () => {
    const asked = await invokeApi(writes(), { target: "/jobs/clicks" });
    expect(asked.status).toBe(405);
    expect(JSON.parse(asked.body)).toMatchObject({ code: "method-not-allowed" });
  });
});

describe("the store of a deployment", () => {
  const variables = {
    MILLRACE_JOB: "clicks",
    MILLRACE_TABLE: "job-table",
    MILLRACE_BUCKET: "bucket",
    MILLRACE_STREAMS: '{"clicks":"Stack-Clicks"}',
    MILLRACE_TABLES: '{"totals":"Stack-Totals"}',
    MILLRACE_API: "reads",
    AWS_REGION: "eu-west-1",
  };

  test("has one job, and its tables by their names in AWS", async () => {
    const { jobs, tableName, allowWrites } = deployedStore(variables);
    expect(await jobs()).toEqual(["clicks"]);
    expect(tableName?.("totals")).toBe("Stack-Totals");
    expect(allowWrites).toBe(false);
    expect(deployedStore({ ...variables, MILLRACE_API: "writes" }).allowWrites).toBe(true);
  });

  test("puts nothing into a stream that the job reads no more", async () => {
    await expect(
      deployedStore(variables).putAgain?.("gone", { documents: ["{}"] }),
    ).rejects.toThrow(expect.objectContaining({ code: "stream-not-deployed" }));
  });

  test("is not made where the construct has not said what it is", () => {
    const { MILLRACE_API: _, ...others } = variables;
    expect(() => deployedStore(others)).toThrow(
      expect.objectContaining({ code: "variable-missing" }),
    );
  });
});
