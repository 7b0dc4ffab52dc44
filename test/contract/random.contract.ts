import { describe, expect, test } from "vitest";
import type { Random } from "../../runtime/ports/index.ts";

/** What every source of randomness keeps. */
export function randomContract(name: string, create: () => Random): void {
  describe(`randomness: ${name}`, () => {
    test("makes ids of at most 20 letters and digits that don't meet", () => {
      const random = create();
      const ids = Array.from({ length: 10_000 }, () => random.id());
      for (const id of ids) expect(id).toMatch(/^[0-9a-z]{1,20}$/);
      expect(new Set(ids).size).toBe(ids.length);
    });

    test("makes fractions from 0 to below 1 that reach all tenths", () => {
      const random = create();
      const fractions = Array.from({ length: 10_000 }, () => random.fraction());
      for (const fraction of fractions) {
        expect(fraction).toBeGreaterThanOrEqual(0);
        expect(fraction).toBeLessThan(1);
      }
      expect(new Set(fractions.map((fraction) => Math.floor(fraction * 10))).size).toBe(10);
    });
  });
}
