import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Decompression } from "../../runtime/ports/index.ts";

const compress = { gzip: gzipSync, zstd: zstdCompressSync };
const formats = ["gzip", "zstd"] as const;
const maxBytes = 5_000_000;
const textOf = (data: Uint8Array): string => new TextDecoder().decode(data);

/** What every decompression keeps. */
export function decompressionContract(name: string, decompression: Decompression): void {
  describe.each(formats)(`decompression: ${name}, %s`, (format) => {
    const open = (data: Uint8Array, max = maxBytes) => decompression.open(format, data, max);

    test("gives back what was compressed, whatever its size", () => {
      for (const bytes of [0, 1, 255, 65_537, 3_000_000]) {
        const data = Uint8Array.from({ length: bytes }, (_, index) => (index * 31) % 251);
        expect(Buffer.compare(open(compress[format](data)), data)).toBe(0);
      }
    });

    test("gives all members, as tools write them that append to a file", () => {
      const members = ["one ", "two ", "", "three"].map((text) => compress[format](text));
      expect(textOf(open(Buffer.concat(members)))).toBe("one two three");
    });

    test("reads data that is a view into a larger buffer", () => {
      const compressed = compress[format]("within");
      const padded = new Uint8Array(compressed.length + 20);
      padded.set(compressed, 10);
      expect(textOf(open(padded.subarray(10, 10 + compressed.length)))).toBe("within");
    });

    test("opens as much as is allowed, and refuses a byte more, however small it looks", () => {
      const bomb = compress[format](new Uint8Array(1_000));
      expect(open(bomb, 1_000)).toHaveLength(1_000);
      expect(() => open(bomb, 999)).toThrow("it holds more than 999 bytes");
      const members = Buffer.concat([bomb, compress[format]("x")]);
      expect(() => open(members, 1_000)).toThrow("it holds more than 1000 bytes");
    });

    test.each([
      ["is none", new TextEncoder().encode('{"id":1}')],
      ["is cut off", compress[format]("cut off in the middle").subarray(0, 20)],
      ["goes on with something else", Buffer.concat([compress[format]("a"), Buffer.from("xx")])],
      ["is nothing", new Uint8Array()],
    ])("refuses what %s", (_, data) => {
      expect(() => open(data)).toThrow(`it can't be opened as ${format}: `);
    });
  });
}
