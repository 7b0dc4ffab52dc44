import { describe, expect, test } from "vitest";
import type { Compression } from "../../runtime/ports/index.ts";

/** What every compression keeps. */
export function compressionContract(name: string, compression: Compression): void {
  describe(`compression: ${name}`, () => {
    test("gives back what was compressed, whatever its size", () => {
      for (const bytes of [0, 1, 255, 65_537, 3_000_000]) {
        const data = Uint8Array.from({ length: bytes }, (_, index) => (index * 31) % 251);
        const back = compression.decompress(compression.compress(data));
        expect(Buffer.compare(back, data)).toBe(0);
      }
    });

    test("reads data that is a view into a larger buffer", () => {
      const data = new Uint8Array(100).fill(7).subarray(10, 20);
      const compressed = compression.compress(data);
      const padded = new Uint8Array(compressed.length + 20);
      padded.set(compressed, 10);
      const back = compression.decompress(padded.subarray(10, 10 + compressed.length));
      expect([...back]).toEqual([...data]);
    });

    test("answers the same for the same data, so that retries write the same bytes", () => {
      const data = new TextEncoder().encode("the same ".repeat(1_000));
      expect([...compression.compress(data)]).toEqual([...compression.compress(data)]);
    });

    test("has an id that fits into a byte", () => {
      expect(compression.id).toBeGreaterThanOrEqual(0);
      expect(compression.id).toBeLessThan(256);
    });
  });
}
