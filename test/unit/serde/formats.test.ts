import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Part } from "../../../runtime/checkpoint/part.ts";
import { zstdCompression } from "../../../runtime/embedded/system-environment.ts";
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
  openEnvelope,
  sealEnvelope,
} from "../../../runtime/serde/envelope.ts";
import type { CommitBody } from "../../../runtime/slot/commit-body.ts";
import type { SlotMeta } from "../../../runtime/slot/slot-meta.ts";
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

    test(`a ${kind} is written as the golden file has it`, () => {
      expect(hexOf(sealEnvelope(kind, messages[kind], none))).toBe(golden[kind]);
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
    const sealed = sealEnvelope("tick", tick, none);
    const unknown = expect.objectContaining({ code: "format-unknown" });
    expect(() => openEnvelope("tick", sealed.with(2, 2), none)).toThrow(unknown);
    expect(() => openEnvelope("frame", sealed, none)).toThrow(unknown);
    expect(() => openEnvelope("tick", sealed.with(3, 9), zstdCompression)).toThrow(unknown);
    expect(() => openEnvelope("tick", new Uint8Array(), none)).toThrow(unknown);
  });

  test.each(["part", "segment", "inFlight"] as const)(
    "no flipped bit and no missing byte of a %s goes unnoticed, however small it is",
    (kind) => {
      const message = { slot: "in/0", version: 7, text: "state" };
      const sealed = sealEnvelope(kind, message, zstdCompression);
      expect(sealed[3]).toBe(zstdCompression.id);
      const open = (bytes: Uint8Array): unknown => {
        try {
          return openEnvelope(kind, bytes, zstdCompression, "a/b");
        } catch (thrown) {
          expect((thrown as { code: string }).code).toMatch(/^format-(corrupt|unknown)$/);
          expect((thrown as Error).message).toContain('"a/b"');
          return "refused";
        }
      };
      for (let at = 0; at < sealed.length * 8; at++) {
        const flipped = sealed.with(at >> 3, (sealed[at >> 3] as number) ^ (1 << (at & 7)));
        const found = open(flipped);
        // Some bits of a header mean nothing: then the content is what it was.
        if (found !== "refused") expect(found, `bit ${at}`).toEqual(message);
      }
      for (let length = 0; length < sealed.length; length++)
        expect(open(sealed.subarray(0, length)), `${length} bytes`).toBe("refused");
    },
  );

  test("bytes that can't be read are corrupt", () => {
    const corrupt = expect.objectContaining({ code: "format-corrupt" });
    const sealed = sealEnvelope("tick", tick, none);
    expect(() => openEnvelope("tick", sealed.subarray(0, 30), none)).toThrow(corrupt);
    expect(() => openEnvelope("tick", sealed.with(3, zstdCompression.id), zstdCompression)).toThrow(
      corrupt,
    );
  });

  test("other bytes are no envelope", () => {
    expect(envelopeKind(new TextEncoder().encode("{}"))).toBeUndefined();
    expect(envelopeKind(Uint8Array.of(0x4d, 99, 1, 0))).toBeUndefined();
    expect(envelopeKind(Uint8Array.of(0x4d, 1))).toBeUndefined();
  });
});
