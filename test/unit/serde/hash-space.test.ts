import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  firstPositionOfGroup,
  groupOfPosition,
  groupsOfRange,
  positionOfPartitionKey,
  rangeContains,
  rangeWithout,
} from "../../../runtime/serde/hash-space.ts";
import { murmur3 } from "../../../runtime/serde/murmur3.ts";

const hex = (position: bigint): string => position.toString(16).padStart(32, "0");
const space = 1n << 128n;

describe("murmur3", () => {
  // Published vectors of MurmurHash3_x86_32 with seed 0.
  const ofBytes: readonly [readonly number[], number][] = [
    [[], 0],
    [[0x00], 0x514e28b7],
    [[0x00, 0x00], 0x30f4c306],
    [[0x00, 0x00, 0x00], 0x85f0b427],
    [[0x00, 0x00, 0x00, 0x00], 0x2362f9de],
    [[0xff, 0xff, 0xff, 0xff], 0x76293b50],
    [[0x21], 0x72661cf4],
    [[0x21, 0x43], 0xa0f7b07a],
    [[0x21, 0x43, 0x65], 0x7e4a8634],
    [[0x21, 0x43, 0x65, 0x87], 0xf55b516b],
  ];
  const ofTexts: readonly [string, number][] = [
    ["test", 0xba6bd213],
    ["hello", 0x248bfa47],
    ["hello, world", 0x149bbb7f],
    ["Hello, world!", 0xc0363e43],
    ["The quick brown fox jumps over the lazy dog", 0x2e4ff723],
  ];

  test("gives the published hashes", () => {
    for (const [bytes, hash] of ofBytes) expect(murmur3(Uint8Array.from(bytes))).toBe(hash);
    for (const [text, hash] of ofTexts)
      expect(murmur3(new TextEncoder().encode(text)), text).toBe(hash);
  });

  test("does not depend on where in a buffer the bytes lie", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.nat(7), (bytes, offset) => {
        const larger = new Uint8Array(offset + bytes.length + 3).fill(0xaa);
        larger.set(bytes, offset);
        expect(murmur3(larger.subarray(offset, offset + bytes.length))).toBe(murmur3(bytes));
      }),
    );
  });
});

describe("positions and groups", () => {
  test("a partition key lies where Kinesis puts it: at the md5 of its UTF-8 bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (key) => {
        expect(positionOfPartitionKey(key)).toBe(
          createHash("md5").update(key, "utf8").digest("hex"),
        );
      }),
    );
  });

  test("a range has the groups whose first position lies in it, whether or not it is aligned with groups", () => {
    const position = fc.bigInt({ min: 0n, max: space - 1n });
    const count = fc.constantFrom(1, 2, 8, 64);
    fc.assert(
      fc.property(position, position, count, (a, b, groupCount) => {
        const range = { firstHash: hex(a < b ? a : b), lastHash: hex(a < b ? b : a) };
        const inside = Array.from({ length: groupCount }, (_, group) => group).filter((group) =>
          rangeContains(range, firstPositionOfGroup(group, groupCount)),
        );
        const groups = groupsOfRange(range, groupCount);
        expect(groups).toEqual(
          inside.length === 0 ? undefined : { first: inside[0], last: inside.at(-1) },
        );
      }),
      { numRuns: 500 },
    );
  });

  test("shards that tile the space own each group exactly once", () => {
    const cuts = fc.uniqueArray(fc.bigInt({ min: 1n, max: space - 1n }), { maxLength: 12 });
    fc.assert(
      fc.property(cuts, (unordered) => {
        const starts = [0n, ...unordered].sort((a, b) => (a < b ? -1 : 1));
        const owned = starts.flatMap((start, at) => {
          const last = (starts[at + 1] ?? space) - 1n;
          const groups = groupsOfRange({ firstHash: hex(start), lastHash: hex(last) }, 16);
          return groups === undefined
            ? []
            : Array.from(
                { length: groups.last - groups.first + 1 },
                (_, index) => groups.first + index,
              );
        });
        expect(owned).toEqual(Array.from({ length: 16 }, (_, group) => group));
      }),
    );
  });

  test("a position's group is the last one that begins at or before it", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: space - 1n }), (at) => {
        const group = groupOfPosition(hex(at), 1024);
        expect(firstPositionOfGroup(group, 1024) <= hex(at)).toBe(true);
        if (group < 1023) expect(firstPositionOfGroup(group + 1, 1024) > hex(at)).toBe(true);
      }),
    );
  });
});

describe("a range without others", () => {
  test("has the positions that it had and none of them has", () => {
    const position = fc.nat(15).map((digit) => digit.toString(16).padEnd(32, "0"));
    const range = fc
      .tuple(position, position)
      .map(([one, other]) => [one, other].toSorted())
      .map(([firstHash, lastHash]) => ({ firstHash: firstHash!, lastHash: lastHash! }));
    fc.assert(
      fc.property(range, fc.array(range, { maxLength: 4 }), position, (whole, others, at) => {
        const left = rangeWithout(whole, others);
        const isLeft =
          rangeContains(whole, at) && !others.some((other) => rangeContains(other, at));
        expect(left.filter((piece) => rangeContains(piece, at))).toHaveLength(isLeft ? 1 : 0);
      }),
    );
  });

  test("is nothing where another is the whole space", () => {
    const whole = { firstHash: "0".repeat(32), lastHash: "f".repeat(32) };
    expect(rangeWithout(whole, [whole])).toEqual([]);
  });
});
