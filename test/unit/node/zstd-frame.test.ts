import { constants, zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import { zstdFrame, zstdFrameBytes } from "../../../runtime/node/zstd-frame.ts";

const text = Array.from({ length: 60_000 }, (_, at) => String(at * 7919)).join(" ");
const skippable = Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
const frames: readonly (readonly [string, Uint8Array])[] = [
  ["of nothing", zstdCompressSync("")],
  ["of several blocks", zstdCompressSync(text)],
  ["of a byte again and again", zstdCompressSync("a".repeat(300_000))],
  [
    "with a checksum",
    zstdCompressSync("short", { params: { [constants.ZSTD_c_checksumFlag]: 1 } }),
  ],
  [
    "without its size",
    zstdCompressSync(text, { params: { [constants.ZSTD_c_contentSizeFlag]: 0 } }),
  ],
  ["that is to be skipped", skippable],
];

test.each(frames)("a frame %s ends where it ends, however it is cut", (_, frame) => {
  const more = Buffer.concat([frame, skippable]);
  expect(zstdFrameBytes(more)).toBe(frame.length);
  for (const pieceBytes of [1, 5, 65_536]) {
    const following = zstdFrame();
    let taken = 0;
    for (let at = 0; at < more.length; at += pieceBytes)
      taken += following.take(more.subarray(at, at + pieceBytes));
    expect([taken, following.isOver()]).toEqual([frame.length, true]);
  }
});

test.each(frames)("a frame %s that lacks its last byte is not over", (_, frame) => {
  expect(() => zstdFrameBytes(frame.subarray(0, -1))).toThrow("cut off");
});

test("what is no frame is none", () => {
  expect(() => zstdFrameBytes(Buffer.from("not a frame"))).toThrow("no frame begins here");
});
