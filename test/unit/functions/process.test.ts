import { describe, expect, test, vi } from "vitest";
import {
  deadLetterRetention,
  frameRetention,
  sampling,
} from "../../../functions/aws-coordinator.ts";
import { awsRuntime } from "../../../functions/aws-world.ts";
import { coordinatorHandler } from "../../../functions/coordinator.ts";
import type { ProcessEvent } from "../../../functions/events/index.ts";
import { processHandler } from "../../../functions/process.ts";
import { defaultCoordinatorSettings } from "../../../runtime/coordinator/options.ts";
import { originHere } from "../../../runtime/embedded/event-source.ts";
import { storeError } from "../../../runtime/errors/millrace-error.ts";
import { kinesisEvent } from "../../../runtime/event-source/kinesis-event.ts";
import { exchangeLagLimitMs } from "../../../runtime/job/pressure.ts";
import { gatedPorts } from "../../integration/gated-ports.ts";
import { slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import { someVisits, visitsJob } from "../../integration/visits-job.ts";

const shardId = "shardId-000000000000";

async function eventOf(world: SlotWorld): Promise<ProcessEvent> {
  return kinesisEvent(originHere("visits", shardId), await world.records("visits", shardId));
}

async function worldWithVisits() {
  const world = await slotWorld(visitsJob());
  await world.put("visits", someVisits(20));
  return world;
}

describe("the process function", () => {
  test("answers that nothing failed, and does nothing twice when the batch comes again", async () => {
    const world = await worldWithVisits();
    const handler = processHandler(world.runtime);
    const event = await eventOf(world);
    expect(await handler(event)).toEqual({ batchItemFailures: [] });
    expect(await handler(event)).toEqual({ batchItemFailures: [] });
    expect(handler.environment.events.commits).toBe(1);
    expect(await world.records(world.exchange, shardId)).toHaveLength(1);
  });

  test("gives the whole batch back where a store fails in a way that passes", async () => {
    const world = await worldWithVisits();
    let broken = true;
    const ports = gatedPorts(world.ports, (place) => {
      if (broken && place === "log.append")
        throw storeError("store-busy", { message: "The log is busy.", retryable: true });
    });
    const handler = processHandler({ ...world.runtime, ports });
    const event = await eventOf(world);
    const [first] = await world.records("visits", shardId);
    expect(await handler(event)).toEqual({
      batchItemFailures: [{ itemIdentifier: first!.sequence }],
    });
    broken = false;
    expect(await handler(event)).toEqual({ batchItemFailures: [] });
  });

  const names = { MILLRACE_TABLE: "t", MILLRACE_BUCKET: "b", MILLRACE_EXCHANGE_STREAM: "e" };
  const variables = { ...names, MILLRACE_STREAMS: "{}", MILLRACE_TABLES: "{}" };

  test.each<[level: string | undefined, written: readonly string[]]>([
    [undefined, ["info", "warn"]],
    ["debug", ["debug", "info", "warn"]],
    ["error", []],
  ])("writes lines from the level on that is set, and metrics in any case: %s", (level, lines) => {
    const written: string[] = [];
    const write = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      written.push(String(text));
      return true;
    });
    try {
      const { telemetry } = awsRuntime(visitsJob(), {
        ...variables,
        MILLRACE_LOG_LEVEL: level,
      }).ports;
      for (const each of ["debug", "info", "warn"] as const) telemetry.log(each, "a line");
      telemetry.count("deadLetters", 1);
    } finally {
      write.mockRestore();
    }
    const parsed = written.map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(parsed.flatMap(({ level: each }) => each ?? [])).toEqual(lines);
    expect(parsed.at(-1)).toMatchObject({ deadLetters: 1 });
  });

  test("refuses a level that there is not", () => {
    expect(() => awsRuntime(visitsJob(), { ...variables, MILLRACE_LOG_LEVEL: "loud" })).toThrow(
      expect.objectContaining({ code: "variable-invalid" }),
    );
  });

  test("knows how long its batches are gathered", () => {
    const settingsWith = (more: object) =>
      awsRuntime(visitsJob(), { ...variables, ...more }).settings;
    expect(exchangeLagLimitMs(settingsWith({}))).toBe(10_000);
    expect(exchangeLagLimitMs(settingsWith({ MILLRACE_BATCH_WINDOW_MS: "5000" }))).toBe(20_000);
  });

  test("goes on where the answer of a commit was lost, without committing it twice", async () => {
    const world = await worldWithVisits();
    let lost = 1;
    const ports = gatedPorts(world.ports, (place) => {
      if (place === "log.append done" && lost-- > 0)
        throw storeError("store-unavailable", { message: "No answer.", retryable: true });
    });
    const handler = processHandler({ ...world.runtime, ports });
    const event = await eventOf(world);
    expect((await handler(event)).batchItemFailures).toHaveLength(1);
    expect(await handler(event)).toEqual({ batchItemFailures: [] });
    expect(handler.environment.events).toMatchObject({ commits: 0, redeliveries: 1 });
    expect(await world.records(world.exchange, shardId)).toHaveLength(1);
  });

  test("tells slots how much of its invocation's time is left: what does not fit is given back for the next one", async () => {
    const world = await worldWithVisits();
    const handler = processHandler(world.runtime);
    const event = await eventOf(world);
    // Each look at the clock takes as long as an element may.
    let leftMs = 50;
    const context = { getRemainingTimeInMillis: () => (leftMs -= 2) };
    const records = await world.records("visits", shardId);
    const { batchItemFailures } = await handler(event, context);
    expect(batchItemFailures).toHaveLength(1);
    const { itemIdentifier } = batchItemFailures[0]!;
    expect(records.slice(1).map(({ sequence }) => sequence)).toContain(itemIdentifier);
    leftMs = 60_000;
    expect(await handler(event, context)).toEqual({ batchItemFailures: [] });
    expect(handler.environment.events.commits).toBeGreaterThan(1);
  });

  test("throws what a retry can't help", async () => {
    const world = await worldWithVisits();
    const plan = { ...world.runtime.plan, fingerprint: "another" };
    const handler = processHandler({ ...world.runtime, plan });
    await expect(handler(await eventOf(world))).rejects.toMatchObject({ code: "plan-changed" });
  });

  test("refuses an event that nothing here hands over, and does not answer that it is done", async () => {
    const handler = processHandler((await worldWithVisits()).runtime);
    for (const event of [{}, { Records: [{ body: "of a queue" }] }, "text", null])
      await expect(handler(event as never)).rejects.toMatchObject({ code: "event-unknown" });
    await expect(handler({ Records: [] })).resolves.toEqual({ batchItemFailures: [] });
  });

  test("serves one invocation at a time: both find the images whole", async () => {
    const world = await worldWithVisits();
    const handler = processHandler(world.runtime);
    const event = await eventOf(world);
    const answers = await Promise.all([
      handler(event),
      handler(event),
      handler({ millrace: { stream: "visits", shardId } }),
    ]);
    expect(answers).toEqual(Array.from({ length: 3 }, () => ({ batchItemFailures: [] })));
    expect(handler.environment.events.lostRaces).toBe(0);
  });
});

describe("the coordinator function", () => {
  test("keeps objects of frames for longer than the exchange keeps its records", () => {
    const dayMs = 86_400_000;
    expect(deadLetterRetention({})).toEqual({});
    expect(deadLetterRetention({ MILLRACE_DEAD_LETTER_RETENTION_MS: "86400000" })).toEqual({
      deadLetterRetentionMs: dayMs,
    });
    expect(frameRetention({})).toEqual({ frameRetentionMs: 8 * dayMs });
    const aMonth = { MILLRACE_EXCHANGE_RETENTION_MS: String(30 * dayMs) };
    expect(frameRetention(aMonth)).toEqual({ frameRetentionMs: 31 * dayMs });
  });

  test("writes samples where there is somebody to look at them", () => {
    expect(sampling({})).toEqual({});
    expect(sampling({ MILLRACE_SAMPLE_EVERY_MS: "10000" })).toEqual({ sampleEveryMs: 10_000 });
  });

  const invoker = { invoke: async () => undefined };

  test("leads until shortly before its invocation ends, and leaves the lease free", async () => {
    const world = await worldWithVisits();
    const settings = { ...defaultCoordinatorSettings, quietMs: Number.POSITIVE_INFINITY };
    const handler = coordinatorHandler({ job: world.runtime, invoker, settings });
    const startMs = world.clock.nowMs();
    const context = { getRemainingTimeInMillis: () => 60_000 };
    expect(await handler({}, context)).toEqual({ end: "deadline" });
    expect(world.clock.nowMs() - startMs).toBeLessThan(60_000);
    expect(await handler({}, { getRemainingTimeInMillis: () => 3_000 })).toEqual({
      end: "deadline",
    });
  });

  test("ends when nothing moves, and leaves a job alone that another leads", async () => {
    const world = await slotWorld(visitsJob());
    const handler = coordinatorHandler({
      job: world.runtime,
      invoker,
      settings: defaultCoordinatorSettings,
    });
    const context = { getRemainingTimeInMillis: () => 900_000 };
    const [one, two] = await Promise.all([handler({}, context), handler({}, context)]);
    expect([one.end, two.end].sort()).toEqual(["led-by-another", "quiet"]);
  });
});
