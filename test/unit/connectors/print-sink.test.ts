import { describe, expect, test } from "vitest";
import { printSink } from "../../../runtime/connectors/index.ts";
import { printSpec } from "../../../runtime/connectors/print-sink.ts";
import type { OrderedWrite, SinkDelivery } from "../../../runtime/connectors/sink-spec.ts";
import type { DirectWrite } from "../../../runtime/graph/connectors.ts";

/** The lines of one commit. */
async function printed(sink: ReturnType<typeof printSink<never>>, writes: readonly unknown[]) {
  const lines: string[] = [];
  const telemetry = {
    count() {},
    alarm() {},
    log: (_: string, line: string) => void lines.push(line),
  };
  const delivery = { ports: { telemetry }, sink, target: sink.target } as unknown as SinkDelivery;
  const order = { generation: 1, version: 1, index: 0 };
  const ordered = writes.map((write): OrderedWrite => ({ write: write as DirectWrite, order }));
  expect(await printSpec.write(delivery, ordered)).toEqual({ superseded: 0, refused: [] });
  return lines;
}

describe("a print sink", () => {
  test("prints elements as JSON behind its label, and says which are no new ones", async () => {
    const sink = printSink<{ a: number }>();
    const writes = [sink.encode({ a: 1 }, "insert"), sink.encode({ a: 2 }, "replace")];
    expect(await printed(sink as never, writes)).toEqual([
      'print> {"a":1}',
      'print> replace {"a":2}',
    ]);
  });

  test("prints what it is told, as long as that is short", async () => {
    const sink = printSink<string>({ label: "long", toText: (text) => text });
    const [line] = await printed(sink as never, [sink.encode("x".repeat(5_000), "insert")]);
    expect(line).toBe(`long> ${"x".repeat(1_000)}…`);
  });

  test("prints a hundred lines of a commit, and how many there are more", async () => {
    const sink = printSink<number>();
    const lines = await printed(
      sink as never,
      Array.from({ length: 250 }, (_, at) => sink.encode(at, "insert")),
    );
    expect(lines).toHaveLength(101);
    expect(lines.at(-1)).toBe("print> … and 150 more");
  });

  test.each(["", "two\nlines", "x".repeat(101)])("refuses the label %j", (label) => {
    expect(() => printSink({ label })).toThrow(expect.objectContaining({ code: "print-invalid" }));
  });
});
