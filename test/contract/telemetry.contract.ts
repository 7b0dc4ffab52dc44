import { describe, expect, test } from "vitest";
import type { JsonValue, Telemetry } from "../../runtime/ports/index.ts";

/** What all telemetry keeps: it never throws, whatever it is given and wherever its output goes. */
export function telemetryContract(name: string, create: () => Telemetry): void {
  describe(`telemetry: ${name}`, () => {
    test("takes counts, alarms and logs of every level", () => {
      const telemetry = create();
      expect(() => {
        telemetry.count("records", 1);
        telemetry.count("records", 1, { operator: "a" });
        telemetry.alarm("ring-full", { slot: "s" });
        for (const level of ["debug", "info", "warn", "error"] as const) {
          telemetry.log(level, "said");
          telemetry.log(level, "said", { nested: [1, null] });
        }
      }).not.toThrow();
    });

    test("doesn't throw at details that can't be printed", () => {
      const telemetry = create();
      const cycle: Record<string, JsonValue> = {};
      cycle["self"] = cycle;
      const bigint = { big: 1n as unknown as JsonValue };
      for (const detail of [cycle, bigint]) {
        expect(() => telemetry.alarm("ring-full", detail)).not.toThrow();
        expect(() => telemetry.log("error", "said", detail)).not.toThrow();
      }
    });
  });
}
