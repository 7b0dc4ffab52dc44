import { expect, test } from "vitest";
import type { Manifest } from "../../../runtime/checkpoint/manifest.ts";
import { defineJob, noWatermarks, unchecked } from "../../../runtime/index.ts";
import { kinesisSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import type { JobRuntime } from "../../../runtime/job/job-runtime.ts";
import type { SlotMeta } from "../../../runtime/job/slot-meta.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import { mapState } from "../../../runtime/savepoints/map-state.ts";

/** A rolling reduce of a given uid: its stage is called after it. */
const job = (uid: string, previousUids: readonly string[] = []) =>
  defineJob("sums", (env) => {
    env
      .source(kinesisSource({ stream: "in", schema: unchecked<{ readonly k: string }>() }), {
        uid: "in",
        watermarks: noWatermarks(),
      })
      .keyBy("k")
      .reduce((one) => one, { uid, previousUids })
      .sinkTo(kinesisSink({ stream: "out", partitionKey: ({ k }) => k }), { uid: "out" });
  });

test("what is counted for an operator goes with it under its new name: elements, dead letters, metrics of its own", () => {
  const { graph } = job("totals", ["sums"]);
  const runtime = { graph, plan: buildPlan(graph) } as JobRuntime;
  const plan = buildPlan(job("sums").graph);
  const manifest = { job: "sums", plan, publishedMs: 1 } as Partial<Manifest> as Manifest;
  const mapped = mapState(runtime, manifest, { generation: 2, allowNonRestoredState: false });
  const counters = {
    operators: { "sums/sums": [5, 1] as const },
    deadLettersByOperator: { "sums/sums": 3 },
    user: { "sums/sums": { calls: 7 } },
  };
  const meta = { watermarks: {}, counters } as unknown as SlotMeta;
  expect(mapped.meta(meta).counters).toEqual({
    operators: { "totals/totals": [5, 1] },
    deadLettersByOperator: { "totals/totals": 3 },
    user: { "totals/totals": { calls: 7 } },
  });
});
