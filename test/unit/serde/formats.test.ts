import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Part } from "../../../runtime/checkpoint/part.ts";
import { zstdCompression } from "../../../runtime/node/system-environment.ts";
import {
  type Frame,
  type FramePointer,
  packElements,
  type Tick,
} from "../../../runtime/exchange/frame.ts";
import {
  type EnvelopeKind,
  envelopeKind,
  envelopeKinds,
  formatVersion,
  openEnvelope,
  sealEnvelope,
} from "../../../runtime/serde/envelope.ts";
import type { CommitBody } from "../../../runtime/slot/image/commit-body.ts";
import type { SlotMeta } from "../../../runtime/job/slot-meta.ts";
import type { StateDelta } from "../../../runtime/state/state-delta.ts";

/** Frozen, as hex: what deployed jobs have persisted must be readable by every later version. */
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../golden/formats.json"), "utf8"),
) as Readonly<Record<string, string>>;

const none = {
  id: 0,
  compress: (data: Uint8Array) => data,
  decompress: (data: Uint8Array) => data,
};

const meta: SlotMeta = {
  version: 3,
  epoch: 1,
  range: { firstHash: "0".repeat(32), lastHash: "f".repeat(32) },
  cursor: { sequence: "12", elements: 4 },
  pastFence: true,
  watermarks: {
    win: { ms: Number.NEGATIVE_INFINITY, idle: false },
    end: { ms: Number.POSITIVE_INFINITY, idle: true },
  },
  source: { maxTimestampMs: 1_700_000_000_000, lastRecordMs: 5, ended: false, idle: false },
  marks: { "in/shardId-000000000000": [[0, 15, 2]] },
  sentToSelf: [[0, 7, 3]],
  tickClockMs: 1_700_000_000_500,
  counters: { records: 9, deadLetters: 1, operators: { "win/windows": [9, 2] } },
};

const delta: StateDelta = {
  stage: "win",
  cells: ["windows/windows", "windows/timers"],
  keys: ["SEA", 7, ["a", 1n]],
  key: [0, 1, 2],
  cell: [0, 0, 1],
  mapKey: [10_000, null, "event:soon"],
  committed: [Uint8Array.of(1, 2, 3), "text", undefined],
};

const elements = packElements({
  timestamps: [1, 2],
  values: [
    { user: "a", big: 2n ** 70n, at: new Date(0) },
    { user: "b", big: 1n, at: new Date(1) },
  ],
  changes: ["insert", "delete"],
});

const body: CommitBody = {
  meta,
  deltas: [delta],
  blocks: [{ stage: "win", group: 5, count: 2, elements }],
  writes: [
    {
      sink: "rows",
      writes: [
        [0, { kind: "upsert", key: { k: "a" }, row: { k: "a", n: 1 } }],
        [1, { kind: "delete", key: { k: "b" } }],
        [2, { kind: "append", partitionKey: "p", value: { n: 1 } }],
      ],
    },
  ],
  deadLetters: [
    {
      format: 1,
      job: "j",
      slot: "in/0",
      sequence: "4",
      element: 0,
      kind: "undecodable",
      reason: "r",
      payload: "p",
      atMs: 1,
    },
  ],
};

const frame: Frame = {
  job: "j",
  generation: 1,
  plan: "0123456789abcdef",
  slot: "in/shardId-000000000000",
  version: 3,
  epoch: 1,
  speaksFor: [[0, 7]],
  blocks: body.blocks,
};

const tick: Tick = {
  job: "j",
  generation: 1,
  plan: "0123456789abcdef",
  epoch: 1,
  clockMs: 5,
  watermarks: meta.watermarks,
};
const pointer: FramePointer = { job: "j", generation: 1, objectKey: "j/1/frames/in/0/3-id" };
const part: Part<SlotMeta> = {
  slot: "in/0",
  version: 3,
  nonce: "id1",
  meta,
  segments: [{ key: "j/1/segments/x", bytes: 9 }],
};

const messages: Readonly<Record<EnvelopeKind, unknown>> = {
  commit: body,
  frame,
  framePointer: pointer,
  tick,
  part,
  segment: [delta],
  inFlight: body.blocks,
};

const bytesOf = (hex: string | undefined): Uint8Array => Buffer.from(hex ?? "", "hex");
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("persisted formats", () => {
  for (const kind of Object.keys(envelopeKinds) as EnvelopeKind[]) {
    test(`a ${kind} of format 1 is read as it was written`, () => {
      const bytes = bytesOf(golden[kind]);
      expect(envelopeKind(bytes)).toBe(kind);
      expect(openEnvelope(kind, bytes, none)).toEqual(messages[kind]);
    });

    test(`a ${kind} of format 2 is written as the golden file has it, and read`, () => {
      const bytes = bytesOf(golden[`${kind}, format 2`]);
      expect(hexOf(sealEnvelope(kind, messages[kind], none))).toBe(hexOf(bytes));
      expect(envelopeKind(bytes)).toBe(kind);
      expect(openEnvelope(kind, bytes, none)).toEqual(messages[kind]);
    });
  }

  test("a body that was compressed with zstd is read", () => {
    expect(openEnvelope("commit", bytesOf(golden["commit, zstd"]), zstdCompression)).toEqual(body);
  });

  test("large messages are compressed, small ones are not", () => {
    const small = sealEnvelope("tick", { a: 1 }, zstdCompression);
    const large = sealEnvelope("tick", { a: "x".repeat(5_000) }, zstdCompression);
    expect([small[3], large[3]]).toEqual([0, zstdCompression.id]);
    expect(large.length).toBeLessThan(500);
    expect(openEnvelope("tick", large, zstdCompression)).toEqual({ a: "x".repeat(5_000) });
  });

  test("a newer format, another kind and an unknown compression are refused, and not taken for garbage", () => {
    const sealed = bytesOf(golden["tick"]);
    const unknown = expect.objectContaining({ code: "format-unknown" });
    expect(() => openEnvelope("tick", sealed.with(2, formatVersion + 1), none)).toThrow(unknown);
    expect(() => openEnvelope("frame", sealed, none)).toThrow(unknown);
    expect(() => openEnvelope("tick", sealed.with(3, 9), zstdCompression)).toThrow(unknown);
    expect(() => envelopeKind(Uint8Array.of(0x4d, 9, formatVersion + 1, 0))).toThrow(unknown);
  });

  const compressions = { none, zstd: zstdCompression };
  const everyKind = Object.keys(envelopeKinds) as EnvelopeKind[];
  test.each(everyKind.flatMap((kind) => [[kind, "none"] as const, [kind, "zstd"] as const]))(
    "no flipped bit and no missing byte of a %s (%s) goes unnoticed or is taken for somebody else's",
    (kind, compressionName) => {
      const compression = compressions[compressionName];
      const sealed = sealEnvelope(kind, messages[kind], compression);
      const open = (bytes: Uint8Array): unknown => {
        try {
          // What is found in the exchange is first asked whether it is ours.
          if (envelopeKind(bytes) === undefined) return "foreign";
          return openEnvelope(kind, bytes, compression, 'Object "a/b"');
        } catch (thrown) {
          expect((thrown as { code: string }).code).toMatch(/^format-(corrupt|unknown)$/);
          return "refused";
        }
      };
      for (let at = 0; at < sealed.length * 8; at++) {
        const flipped = sealed.with(at >> 3, (sealed[at >> 3] as number) ^ (1 << (at & 7)));
        expect(open(flipped), `bit ${at}`).toBe("refused");
      }
      for (let length = 0; length < sealed.length; length++)
        expect(open(sealed.subarray(0, length)), `${length} bytes`).toBe(
          length < 2 ? "foreign" : "refused",
        );
    },
  );

  test("bytes that can't be read are corrupt, and the message says whose they are", () => {
    const corrupt = expect.objectContaining({
      code: "format-corrupt",
      message: expect.stringContaining('Object "a/b"') as string,
    });
    const sealed = bytesOf(golden["tick"]);
    const open = (bytes: Uint8Array) => () =>
      openEnvelope("tick", bytes, zstdCompression, 'Object "a/b"');
    expect(open(sealed.subarray(0, 30))).toThrow(corrupt);
    expect(open(sealed.with(3, zstdCompression.id))).toThrow(corrupt);
    expect(open(new Uint8Array())).toThrow(corrupt);
    expect(open(new TextEncoder().encode("{}"))).toThrow(corrupt);
  });

  test("other bytes are no envelope", () => {
    expect(envelopeKind(new TextEncoder().encode("{}"))).toBeUndefined();
    expect(envelopeKind(new TextEncoder().encode("Millrace"))).toBeUndefined();
    expect(envelopeKind(Uint8Array.of(0x4d, 99, 1, 0))).toBeUndefined();
    expect(envelopeKind(Uint8Array.of(0x4d))).toBeUndefined();
  });
});
