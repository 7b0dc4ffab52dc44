import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Part } from "../../../runtime/checkpoint/part.ts";
import type { SlotMeta } from "../../../runtime/job/slot-meta.ts";
import { zstdCompression } from "../../../runtime/node/system-environment.ts";
import { type Frame, packElements, plainBlock } from "../../../runtime/exchange/frame.ts";
import { envelopeKind, openEnvelope, sealEnvelope } from "../../../runtime/serde/envelope.ts";
import { type EnvelopeKind, envelopeKinds, newestFormat } from "../../../runtime/serde/formats.ts";
import { packPlain, unpackPlainValue } from "../../../runtime/serde/msgpack.ts";
import type { CommitBody } from "../../../runtime/slot/image/commit-body.ts";
import type { StateDelta } from "../../../runtime/state/state-delta.ts";
import { type Packing, persistedMessages, values, withBroadcast } from "./persisted-messages.ts";

/** Frozen, as hex: what deployed jobs have persisted must be readable by every later version. */
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../golden/formats.json"), "utf8"),
) as Readonly<Record<string, string>>;

const none = {
  id: 0,
  compress: (data: Uint8Array) => data,
  decompress: (data: Uint8Array) => data,
};

const packing: Packing = {
  value: packPlain,
  sent: packElements,
  kept: (elements) =>
    plainBlock({ stage: "win", group: 5, count: 2, elements: packElements(elements) }).elements,
};
const messages = persistedMessages(packing);
const broadcasts = withBroadcast(messages, packing);
const everyKind = Object.keys(envelopeKinds) as EnvelopeKind[];

const bytesOf = (hex: string | undefined): Uint8Array => Buffer.from(hex ?? "", "hex");
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("persisted formats", () => {
  const everyFormat = everyKind.flatMap((kind) =>
    Array.from({ length: newestFormat(kind) }, (_, at) => [kind, at + 1] as const),
  );
  test.each(everyFormat)("a %s of format %i is read, as the newest has it", (kind, format) => {
    const bytes = bytesOf(golden[`${kind}, format ${format}`]);
    expect([...bytes.subarray(0, 4)]).toEqual([0x4d, envelopeKinds[kind], format, 0]);
    expect(envelopeKind(bytes)).toBe(kind);
    expect(openEnvelope(kind, bytes, none)).toEqual(messages[kind]);
  });

  test.each(everyKind)("a %s is written as the golden file has it in its newest format", (kind) => {
    const newest = golden[`${kind}, format ${newestFormat(kind)}`];
    expect(hexOf(sealEnvelope(kind, messages[kind], none))).toBe(newest);
  });

  test("a block of a frame names its input from format 3 on", () => {
    const frame = messages.frame as Frame;
    const second = { ...frame, blocks: frame.blocks.map((block) => ({ ...block, input: 1 })) };
    for (const format of [3, 4]) {
      const bytes = bytesOf(golden[`frame of a second input, format ${format}`]);
      expect(openEnvelope("frame", bytes, none)).toEqual(second);
    }
    expect(hexOf(sealEnvelope("frame", second, none))).toBe(
      golden["frame of a second input, format 4"],
    );
  });

  test.each(Object.keys(broadcasts) as EnvelopeKind[])(
    "a %s has what is broadcast from format 4 on",
    (kind) => {
      const hexIn = (format: number) => golden[`${kind} with a broadcast, format ${format}`];
      for (let format = 4; format <= newestFormat(kind); format++)
        expect(openEnvelope(kind, bytesOf(hexIn(format)), none)).toEqual(broadcasts[kind]);
      const sealed = sealEnvelope(kind, broadcasts[kind], none);
      expect(hexOf(sealed)).toBe(hexIn(newestFormat(kind)));
    },
  );

  test("a commit and a part may hold what is collected, and name what is staged, from formats 6 and 5 on", () => {
    const collected = [{ sink: "out", count: 2, ...(messages.staged as { content: Uint8Array }) }];
    const ref = { key: "j/1/staged/in/0/2-id0", sink: "out", epoch: 0, count: 1, bytes: 8 };
    for (const kind of ["commit", "part"] as const) {
      const bytes = bytesOf(golden[`${kind} that collects, format ${newestFormat(kind)}`]);
      const plain = messages[kind] as CommitBody | Part<SlotMeta>;
      const collecting = { ...plain, collected, meta: { ...plain.meta, staged: [ref] } };
      expect(openEnvelope(kind, bytes, none)).toEqual(collecting);
      expect(hexOf(sealEnvelope(kind, collecting, none))).toBe(hexOf(bytes));
    }
  });

  test.each(["commit", "segment"] as const)(
    "a %s that was compressed with zstd is read in every format",
    (kind) => {
      for (let format = 1; format <= newestFormat(kind); format++) {
        const bytes = bytesOf(golden[`${kind}, format ${format}, zstd`]);
        expect(openEnvelope(kind, bytes, zstdCompression)).toEqual(messages[kind]);
      }
    },
  );

  test("values of commits and segments of any format are those that were kept", () => {
    for (const kind of ["commit", "segment"] as const)
      for (let format = 1; format <= newestFormat(kind); format++) {
        const bytes = bytesOf(golden[`${kind}, format ${format}`]);
        const message = openEnvelope(kind, bytes, none);
        const [delta] =
          kind === "commit" ? (message as CommitBody).deltas : (message as StateDelta[]);
        const kept = delta!.committed.slice(3) as Uint8Array[];
        expect(kept.map(unpackPlainValue)).toEqual(values);
      }
  });

  test("large messages are compressed, small ones are not", () => {
    const small = sealEnvelope("tick", { a: 1 }, zstdCompression);
    const large = sealEnvelope("tick", { a: "x".repeat(5_000) }, zstdCompression);
    expect([small[3], large[3]]).toEqual([0, zstdCompression.id]);
    expect(large.length).toBeLessThan(500);
    expect(openEnvelope("tick", large, zstdCompression)).toEqual({ a: "x".repeat(5_000) });
  });

  test("a newer format, another kind and an unknown compression are refused, and not taken for garbage", () => {
    const sealed = bytesOf(golden["tick, format 1"]);
    const unknown = expect.objectContaining({ code: "format-unknown" });
    expect(() => openEnvelope("tick", sealed.with(2, newestFormat("tick") + 1), none)).toThrow(
      unknown,
    );
    expect(() => openEnvelope("frame", sealed, none)).toThrow(unknown);
    expect(() => openEnvelope("tick", sealed.with(3, 9), zstdCompression)).toThrow(unknown);
    expect(() => envelopeKind(Uint8Array.of(0x4d, 9, newestFormat("tick") + 1, 0))).toThrow(
      unknown,
    );
  });

  const compressions = { none, zstd: zstdCompression };
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

  test("one bit does not make format 1 of format 5, which has no checksum", () => {
    // Its checksum begins as MessagePack's head of as many bytes as follow: without a checksum, that is a message.
    const sealed = sealEnvelope("part", { n: 102_455 }, none);
    expect([sealed[2], sealed[4], sealed[5]]).toEqual([5, 0xc4, sealed.length - 6]);
    const corrupt = expect.objectContaining({ code: "format-corrupt" });
    expect(() => openEnvelope("part", sealed.with(2, 1), none)).toThrow(corrupt);
  });

  test("the document's table has the formats that are written", () => {
    const text = readFileSync(join(import.meta.dirname, "../../../docs/formats.md"), "utf8");
    const names: Readonly<Record<EnvelopeKind, string>> = {
      commit: "commit",
      frame: "frame",
      framePointer: "frame pointer",
      tick: "tick",
      part: "part",
      segment: "segment",
      inFlight: "blocks in flight",
      staged: "staged results",
    };
    const rows = text.split("\n").filter((line) => line.startsWith("| "));
    for (const kind of everyKind) {
      const row = rows.find((line) => line.includes(`${names[kind]} (${envelopeKinds[kind]})`));
      expect(row?.split("|")[2]?.trim(), kind).toBe(String(newestFormat(kind)));
    }
  });

  test("bytes that can't be read are corrupt, and the message says whose they are", () => {
    const corrupt = expect.objectContaining({
      code: "format-corrupt",
      message: expect.stringContaining('Object "a/b"') as string,
    });
    const sealed = bytesOf(golden["tick, format 1"]);
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
