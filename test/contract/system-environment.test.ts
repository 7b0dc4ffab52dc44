import { describe, expect, test } from "vitest";
import {
  consoleTelemetry,
  quietTelemetry,
  systemClock,
  systemRandom,
  zstdCompression,
} from "../../runtime/embedded/index.ts";
import { zlibDecompression } from "../../runtime/node/zlib-decompression.ts";
import { compressionContract } from "./compression.contract.ts";
import { decompressionContract } from "./decompression.contract.ts";
import { randomContract } from "./random.contract.ts";
import { telemetryContract } from "./telemetry.contract.ts";

compressionContract("zstd", zstdCompression);
decompressionContract("zlib", zlibDecompression);
randomContract("of the system", () => systemRandom);
telemetryContract("quiet", () => quietTelemetry);
telemetryContract("on a console", () => consoleTelemetry({ minLevel: "debug", write: () => {} }));
telemetryContract("on a closed console", () =>
  consoleTelemetry({
    metrics: true,
    write: () => {
      throw new Error("EPIPE");
    },
  }),
);

describe("the system's environment", () => {
  test("compresses what repeats", () => {
    expect(zstdCompression.compress(new Uint8Array(100_000)).length).toBeLessThan(100);
  });

  test("refuses damaged data instead of giving back other data", () => {
    expect(() => zstdCompression.decompress(new Uint8Array(10))).toThrow();
  });

  test("answers whole milliseconds", () => {
    expect(Number.isSafeInteger(systemClock.nowMs())).toBe(true);
  });

  test("writes a line of JSON per log at or above its level, and every alarm", () => {
    const lines: string[] = [];
    const clock = { nowMs: () => 0, sleep: async () => {} };
    const write = (line: string) => void lines.push(line);
    const telemetry = consoleTelemetry({ minLevel: "warn", write, clock });
    telemetry.log("info", "dropped");
    telemetry.count("dropped", 1);
    telemetry.log("warn", "late", { ms: 5 });
    telemetry.alarm("ring-full", { slot: "s" });
    const time = "1970-01-01T00:00:00.000Z";
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { time, level: "warn", message: "late", detail: { ms: 5 } },
      { time, level: "error", alarm: "ring-full", detail: { slot: "s" } },
    ]);
  });
});
