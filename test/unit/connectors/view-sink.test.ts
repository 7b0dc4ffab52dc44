import { describe, expect, test } from "vitest";
import { viewSink } from "../../../runtime/connectors/view-sink.ts";
import {
  defineJob,
  monotonousTimestamps,
  tumblingWindows,
  unchecked,
  type ViewOptions,
} from "../../../runtime/index.ts";
import { kinesisSource } from "../../../runtime/connectors/index.ts";
import { explainText } from "../../../runtime/plan/explain.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import { runJob } from "../../../testing/index.ts";

interface Delay {
  readonly origin: string;
  readonly startMs: number;
  readonly mean: number | null;
  readonly note?: string;
}

const delays: ViewOptions<Delay> = {
  uid: "delays",
  key: { origin: "string", startMs: "number" },
  columns: {
    startMs: "time",
    mean: { type: "number", label: "Mean delay", unit: "min", digits: 1 },
  },
  time: "startMs",
  chart: { kind: "time-series", values: ["mean"] },
};
const invalid = (message: RegExp) =>
  expect.objectContaining({ code: "view-invalid", message: expect.stringMatching(message) });

describe("a view", () => {
  test("is a table with a description: its columns, and how they are drawn", () => {
    expect(viewSink(delays)).toMatchObject({
      type: "dynamodb",
      target: "delays",
      guarantee: "exactly-once",
      keyFields: ["origin", "startMs"],
      view: {
        title: "delays",
        columns: [
          { name: "startMs", type: "time", label: "startMs" },
          { name: "mean", type: "number", label: "Mean delay", unit: "min", digits: 1 },
        ],
        time: "startMs",
        chart: { kind: "time-series", values: ["mean"] },
      },
    });
    expect(
      viewSink({ ...delays, chart: { kind: "table" }, table: "kept", title: "T" }),
    ).toMatchObject({ target: "kept", view: { title: "T", chart: { kind: "table" } } });
  });

  test("keeps the fields of its key and its columns, and leaves the others out", () => {
    const element = { origin: "ANC", startMs: 0, mean: 1.5, note: "left out" };
    expect(viewSink(delays).encode(element, "replace")).toEqual({
      kind: "upsert",
      key: { origin: "ANC", startMs: 0 },
      row: { origin: "ANC", startMs: 0, mean: 1.5 },
    });
    expect(viewSink(delays).encode(element, "delete")).toEqual({
      kind: "delete",
      key: { origin: "ANC", startMs: 0 },
    });
  });

  test("takes null or nothing for a value, and refuses one of another type, naming the column", () => {
    const encode = (mean: unknown) =>
      viewSink(delays).encode({ origin: "ANC", startMs: 0, mean } as Delay, "insert");
    expect(encode(null)).toMatchObject({ row: { mean: null } });
    expect(encode(undefined)).toMatchObject({ row: { origin: "ANC" } });
    for (const wrong of ["1.5", true, Number.NaN, {}])
      expect(() => encode(wrong)).toThrow(
        expect.objectContaining({
          code: "row-invalid",
          message: expect.stringMatching(/column "mean" of view "delays"/),
        }),
      );
    const late = { origin: "ANC", startMs: 8.64e15 + 1, mean: 1 };
    expect(() => viewSink(delays).encode(late, "insert")).toThrow(/startMs.*declared as time/);
  });

  test.each<readonly [RegExp, Partial<Record<keyof ViewOptions<Delay>, unknown>>]>([
    [/it has no columns/, { columns: {} }],
    [/"mean" has no type/, { columns: { mean: "float" } }],
    [/digits of the column "mean"/, { columns: { mean: { type: "number", digits: 11 } } }],
    [/time "mean" is no column of type time/, { columns: { mean: "number" }, time: "mean" }],
    [
      /"median" of its chart is no column/,
      { chart: { kind: "number", value: "median", of: "sum" } },
    ],
    [
      /"startMs" of its chart is of type time/,
      { chart: { kind: "bars", label: "mean", value: "startMs" } },
    ],
    [/draws no values/, { chart: { kind: "time-series", values: [] } }],
    [/drawn over a time/, { time: undefined, chart: { kind: "time-series", values: ["mean"] } }],
    [
      /its top is no whole number/,
      { chart: { kind: "bars", label: "startMs", value: "mean", top: 0 } },
    ],
    [/"sum" or "newest"/, { chart: { kind: "number", value: "mean", of: "mean" } }],
    [/told by a time/, { time: undefined, chart: { kind: "number", value: "mean", of: "newest" } }],
    [/no kind that there is/, { chart: { kind: "pie" } }],
  ])("that can't be drawn is refused: %s", (message, wrong) => {
    expect(() => viewSink({ ...delays, ...wrong } as ViewOptions<Delay>)).toThrow(invalid(message));
  });

  test("is written by a job, row by row, and its plan says what it is", async () => {
    const job = defineJob("views", (env) => {
      env
        .source(kinesisSource({ stream: "flights", schema: unchecked<Delay>() }), {
          uid: "flights",
          watermarks: monotonousTimestamps({ timestamp: ({ startMs }: Delay) => startMs }),
        })
        .keyBy("origin")
        .window(tumblingWindows({ size: { hours: 1 } }), { uid: "hourly" })
        .aggregate(
          { create: () => 0, add: (sum: number) => sum + 1, result: (sum) => sum },
          (mean, { key, window }): Delay => ({ origin: key, startMs: window.startMs, mean }),
        )
        .toView(delays);
    });
    const { sinks, fingerprint } = buildPlan(job.graph);
    expect(sinks).toMatchObject([{ uid: "delays", view: { time: "startMs" } }]);
    expect(explainText(buildPlan(job.graph))).toContain("drawn as time-series");
    expect(fingerprint).toMatch(/^[0-9a-f]{16}$/);
    const { tables } = await runJob(job, {
      inputs: { flights: [{ origin: "ANC", startMs: 1, mean: 0, note: "x" }] },
    });
    expect(tables["delays"]).toEqual([{ origin: "ANC", startMs: 0, mean: 1 }]);
  });
});

test("columns are fields of the elements, with the types that their values have", () => {
  const options: ViewOptions<Delay> = {
    ...delays,
    // @ts-expect-error -- a number is no text
    columns: { mean: "text" },
  };
  expect(() => viewSink(options)).toThrow();
  // @ts-expect-error -- there is no such field
  expect(() => viewSink<Delay>({ ...delays, columns: { median: "number" } })).toThrow();
});
