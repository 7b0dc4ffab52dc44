import { describe, expect, test } from "vitest";
import {
  boundedOutOfOrderness,
  defineJob,
  elementType,
  type Resource,
  resource,
  unchecked,
} from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";
import { harness, runJob } from "millrace/testing";
import type { DataStream } from "../../../runtime/index.ts";

interface Call {
  readonly id: string;
  readonly atMs: number;
}

const calls: readonly Call[] = ["a", "b", "c"].map((id, at) => ({ id, atMs: at + 1 }));

/** A directory that tells when it is opened and closed; the first attempts fail. */
function directory(failures = 0) {
  const events: string[] = [];
  const opened = resource({
    async open({ job }) {
      await Promise.resolve();
      if (failures-- > 0) {
        events.push("failed");
        throw new Error("no answer");
      }
      events.push(`opened for ${job}`);
      return { nameOf: (id: string) => (events.includes("closed") ? "nobody" : `name of ${id}`) };
    },
    close: () => void events.push("closed"),
  });
  return { events, opened };
}

type Directory = Resource<{ nameOf(id: string): string }>;

const named = (opened: Directory, declared: readonly Directory[] = [opened]) =>
  defineJob("callers", (env) => {
    env
      .source(kinesisSource({ stream: "calls", schema: unchecked<Call>() }), {
        uid: "calls",
        watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: {} }),
      })
      .mapAsync(
        (call, ctx) => Promise.resolve({ ...call, early: ctx.resource(opened).nameOf(call.id) }),
        { uid: "early", resources: [opened] },
      )
      .keyBy("id")
      .process({
        uid: "late",
        resources: declared,
        emits: elementType<{ id: string; early: string; late: string; job: string }>(),
        onElement({ id, early }, { resource: get, job, emit }) {
          emit({ id, early, late: get(opened).nameOf(id), job: job.name });
        },
      })
      .sinkTo(dynamodbSink({ table: "names", key: ["id"] }), { uid: "rows" });
  });

const rows = calls.map(({ id }) => ({
  id,
  early: `name of ${id}`,
  late: `name of ${id}`,
  job: "callers",
}));

const inOrder = (found: readonly unknown[] = []) =>
  found.map((row) => JSON.stringify(row, ["id", "early", "late", "job"])).toSorted();

describe("a resource", () => {
  test("is opened once for all operators of a process, and closed when the run ends", async () => {
    const { events, opened } = directory();
    const { tables } = await runJob(named(opened), { inputs: { calls } });
    expect(inOrder(tables["names"])).toEqual(inOrder(rows));
    expect(events).toEqual(["opened for callers", "closed"]);
  });

  test("is tried again where it can't be opened, and nothing is lost", async () => {
    const { events, opened } = directory(2);
    const { tables, deadLetters } = await runJob(named(opened), { inputs: { calls } });
    expect(deadLetters).toEqual([]);
    expect(inOrder(tables["names"])).toEqual(inOrder(rows));
    expect(events).toEqual(["failed", "failed", "opened for callers", "closed"]);
  });

  test("is tried again where its open throws at once", async () => {
    let attempts = 0;
    const opened = resource({
      open() {
        attempts += 1;
        if (attempts < 3) throw new Error("no answer");
        return { nameOf: (id: string) => `name of ${id}` };
      },
    });
    const { tables } = await runJob(named(opened), { inputs: { calls } });
    expect(inOrder(tables["names"])).toEqual(inOrder(rows));
    expect(attempts).toBe(3);
  });

  test("is refused to an operator that does not name it", async () => {
    const { deadLetters } = await runJob(named(directory().opened, []), { inputs: { calls } });
    expect(deadLetters).toHaveLength(3);
    expect(deadLetters[0]).toMatchObject({
      operator: "late",
      error: "resource-undeclared",
    });
  });

  test("is given to a harness", () => {
    const { opened } = directory();
    const build = (all: DataStream<Call>) =>
      all.keyBy("id").process({
        uid: "late",
        resources: [opened],
        emits: elementType<string>(),
        onElement: ({ id }, ctx) => ctx.emit(ctx.resource(opened).nameOf(id)),
      });
    const fake = { nameOf: (id: string) => id.toUpperCase() };
    const given = harness(build, { resources: new Map([[opened, fake]]) });
    given.element(calls[0]!, 0);
    expect(given.take()).toMatchObject([{ value: "A" }]);
    expect(() => harness(build).element(calls[0]!, 0)).toThrow(
      expect.objectContaining({ code: "harness-invalid" }),
    );
  });
});
