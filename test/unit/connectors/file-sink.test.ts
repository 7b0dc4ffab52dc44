import { describe, expect, test } from "vitest";
import { fileSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import { checkpointing, defineJob, noWatermarks, unchecked } from "../../../runtime/index.ts";
import { nameOfStaged, objectNames } from "../../../runtime/layout/names.ts";
import { explainText } from "../../../runtime/plan/explain.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";

const jobWith = (checkpoints = checkpointing()) =>
  defineJob(
    "files",
    (env) =>
      env
        .source(kinesisSource({ stream: "in", schema: unchecked<{ n: number }>() }), {
          uid: "in",
          watermarks: noWatermarks(),
        })
        .sinkTo(fileSink({ folder: "out" }), { uid: "out" }),
    { checkpoints },
  );

describe("a file sink", () => {
  test("writes an element as a line of JSON, or what toLine makes of it and of its change", () => {
    const plain = fileSink<{ readonly n: number }>({ folder: "out" });
    expect(plain.encode({ n: 1 }, "insert")).toEqual({ kind: "line", text: '{"n":1}' });
    const marked = fileSink<{ readonly n: number }>({
      folder: "out",
      toLine: ({ n }, change) => ({ n, change }),
    });
    expect(marked.encode({ n: 1 }, "delete")).toMatchObject({ text: '{"n":1,"change":"delete"}' });
  });

  test("keeps a line one line, whatever its texts hold", () => {
    const { encode } = fileSink<string>({ folder: "out" });
    expect(encode("a\nb\r\u2028", "insert")).toEqual({ kind: "line", text: '"a\\nb\\r\u2028"' });
  });

  test.each([
    ["a line of a megabyte and more", "x".repeat(1_000_001), "record-too-large"],
    ["what is no JSON", { n: Number.NaN }, "result-not-json"],
  ])("refuses %s", (_what, value, code) => {
    const { encode } = fileSink<unknown>({ folder: "out" });
    expect(() => encode(value, "insert")).toThrow(expect.objectContaining({ code }));
  });

  test.each(["", "a/b", "..", "a b", "constructor", "x".repeat(101)])(
    "refuses the folder %j",
    (folder) => {
      expect(() => fileSink({ folder })).toThrow(
        expect.objectContaining({ code: "folder-name-invalid" }),
      );
    },
  );

  test("is refused in a job that takes no checkpoints: nobody would see a result", () => {
    const refusal = { code: "sink-needs-checkpoints", uid: "out" };
    expect(() => buildPlan(jobWith(checkpointing({ interval: "never" })).graph)).toThrow(
      expect.objectContaining(refusal),
    );
  });

  test("tells in the plan when its results can be seen", () => {
    expect(explainText(buildPlan(jobWith().graph))).toContain(
      'out: files "out": exactly-once, with each epoch',
    );
  });
});

test("what was staged by two slots or versions has two names where it is visible", () => {
  const place = { job: "j", generation: 2, slot: "in/shard-0", version: 12, id: "a-b" };
  expect(nameOfStaged(objectNames.staged(place))).toBe("2/in/shard-0/0000000012-a-b");
});
