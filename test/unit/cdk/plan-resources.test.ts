import { describe, expect, test } from "vitest";
import { sourceStreamsOf, tablesOf } from "../../../cdk/plan-resources.ts";
import type { StartFrom } from "../../../runtime/graph/connectors.ts";
import type { Plan, PlannedSink } from "../../../runtime/plan/plan.ts";

describe("the tables of a plan", () => {
  test("have the sink's key, once for each table", () => {
    const first = sink({ uid: "a", keyFields: ["shop"] });
    const tables = tablesOf(planOf({ sinks: [first, { ...first, uid: "b" }] }));
    expect(tables).toEqual([{ name: "revenue", keyFields: ["shop"] }]);
  });

  test("have the types that one of their sinks declares", () => {
    const sinks = [
      sink({ uid: "a", keyFields: ["shop"] }),
      sink({ uid: "b", keyFields: ["shop"], keyTypes: ["string"] }),
      sink({ uid: "c", keyFields: ["shop"] }),
    ];
    expect(tablesOf(planOf({ sinks }))).toEqual([
      { name: "revenue", keyFields: ["shop"], keyTypes: ["string"] },
    ]);
  });

  test.each([
    ["table-key-too-long", [sink({ keyFields: ["a", "b", "c"] })]],
    ["table-key-missing", [sink({})]],
    ["table-keys-differ", [sink({ keyFields: ["a"] }), sink({ keyFields: ["b"] })]],
    [
      "table-keys-differ",
      [
        sink({ keyFields: ["a"], keyTypes: ["string"] }),
        sink({ keyFields: ["a"], keyTypes: ["number"] }),
      ],
    ],
    ["sink-not-deployable", [sink({ type: "carrier-pigeon" })]],
  ])("are refused with %s", (code, sinks) => {
    expect(() => tablesOf(planOf({ sinks }))).toThrow(
      expect.objectContaining({ code, domain: "deployment" }),
    );
  });
});

describe("a stream that several sources read", () => {
  test.each<[StartFrom, StartFrom, StartFrom]>([
    ["latest", "earliest", "earliest"],
    ["latest", { timeMs: 5 }, { timeMs: 5 }],
    [{ timeMs: 7 }, { timeMs: 5 }, { timeMs: 5 }],
    ["latest", "latest", "latest"],
  ])("from %o and %o starts from %o", (first, second, expected) => {
    const both = sourceStreamsOf(planOf({ starts: [first, second] }));
    const swapped = sourceStreamsOf(planOf({ starts: [second, first] }));
    expect([...both]).toEqual([["orders", expected]]);
    expect([...swapped]).toEqual([["orders", expected]]);
  });
});

function sink(about: Partial<PlannedSink>): PlannedSink {
  return {
    uid: "revenue",
    type: "dynamodb",
    target: "revenue",
    guarantee: "exactly-once",
    ...about,
  };
}

interface Content {
  readonly sinks?: readonly PlannedSink[];
  readonly starts?: readonly StartFrom[];
}

function planOf({ sinks = [], starts = [] }: Content): Plan {
  return {
    format: 1,
    job: "orders",
    fingerprint: "0000000000000000",
    maxParallelism: 1024,
    sources: starts.map((startFrom, index) => ({
      uid: `source-${index}`,
      type: "kinesis",
      stream: "orders",
      startFrom,
      partitionedBy: false,
    })),
    stages: [],
    sinks,
  };
}
