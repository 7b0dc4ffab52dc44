import { describe, expect, test } from "vitest";
import {
  generatorSource,
  type GeneratorSourceOptions,
  generatorSourceSpec,
} from "../../../runtime/connectors/generator-source.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";
import { defineJob, noWatermarks } from "../../../runtime/index.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import { dynamodbSink } from "../../../runtime/connectors/dynamodb-sink.ts";

const startedMs = 5_000;
const generate = (index: number) => ({ index });

function reader(options: Omit<GeneratorSourceOptions<unknown>, "generate">, nowMs = startedMs) {
  const clock = { nowMs: () => nowMs, sleep: () => Promise.resolve() };
  const source = generatorSource({ generate, ...options });
  const made = generatorSourceSpec.reader({ source, ports: memoryPorts({ clock }), stream: "" });
  const read = (shardId: string, after?: string, maxRecords = 100) =>
    made.read({
      shardId,
      from: after === undefined ? { kind: "earliest" } : { kind: "after", sequence: after },
      maxRecords,
      startedMs,
    });
  return { list: made.list, read };
}

const places = (records: readonly { readonly sequence: string }[]) =>
  records.map(({ sequence }) => Number(sequence));

describe("a generator source", () => {
  test("has its splits make every element once", async () => {
    const { list, read } = reader({ count: 10, splits: 3 });
    const splits = await list();
    const made = await Promise.all(splits.map(({ shardId }) => read(shardId)));
    expect(made.map(({ records }) => places(records))).toEqual([
      [0, 3, 6, 9],
      [1, 4, 7],
      [2, 5, 8],
    ]);
    expect(made.every(({ ended }) => ended)).toBe(true);
  });

  test("goes on behind a place, and ends once", async () => {
    const { read } = reader({ count: 5 });
    const some = await read("1-0", "1", 2);
    expect(places(some.records)).toEqual([2, 3]);
    expect(some).toMatchObject({ ended: false, next: { kind: "after", sequence: "3" } });
    expect(await read("1-0", "4")).toMatchObject({ records: [], ended: true });
  });

  test("a restored split makes the elements that it made, however many splits there are now", async () => {
    const { read } = reader({ count: 8, splits: 1 });
    expect(places((await read("2-1", "3")).records)).toEqual([5, 7]);
  });

  test("an element is there when its time has come, and arrives then, whenever it is read", async () => {
    const early = await reader({ ratePerSecond: 4 }, startedMs + 600).read("1-0");
    const late = await reader({ ratePerSecond: 4 }, startedMs + 60_000).read("1-0", undefined, 3);
    expect(early).toMatchObject({ atTip: true, ended: false });
    expect(early.records.map(({ arrivalMs }) => arrivalMs - startedMs)).toEqual([0, 250, 500]);
    expect(late.records).toEqual(early.records);
    expect(late.atTip).toBe(false);
  });

  test.each([
    { count: -1 },
    { count: 1.5 },
    { ratePerSecond: 0 },
    { ratePerSecond: Number.NaN },
    { splits: 0 },
    { splits: 1_001 },
    { generate: "no function" as never },
  ])("is refused with %o", (options) => {
    expect(() => generatorSource({ generate, ...options })).toThrow(
      expect.objectContaining({ code: "generator-invalid" }),
    );
  });

  test("is refused where it promises partition keys, which it has none of", () => {
    const { graph } = defineJob("numbers", (env) =>
      env
        .source(generatorSource({ generate }), {
          uid: "numbers",
          watermarks: noWatermarks(),
          partitionedBy: "index",
        })
        .sinkTo(dynamodbSink({ table: "rows", key: { index: "number" } }), { uid: "rows" }),
    );
    expect(() => buildPlan(graph)).toThrow(
      expect.objectContaining({ code: "partitioning-unknown" }),
    );
  });
});
