import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import {
  type Manifest,
  putManifest,
  readManifestOrTombstone,
  type Tombstone,
} from "../../../runtime/checkpoint/manifest.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";
import { objectNames } from "../../../runtime/layout/names.ts";

/** Frozen: what deployed jobs have written must be readable by every later version. */
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, "../../golden/manifests.json"), "utf8"),
) as Readonly<
  Record<
    "manifest, format 1" | "manifest, format 2" | "manifest, format 3" | "tombstone, format 2",
    string
  >
>;

const manifest: Manifest = {
  format: 2,
  status: "complete",
  job: "j",
  generation: 1,
  epoch: 7,
  savepoint: "größer",
  stopped: true,
  drained: false,
  openedMs: 900_000,
  completedMs: 950_000,
  publishedMs: 800_000,
  newBytes: 5,
  totalBytes: 9,
  plan: {
    format: 1,
    job: "j",
    fingerprint: "f",
    maxParallelism: 16,
    sources: [],
    stages: [],
    sinks: [],
  },
  exchangeStream: "x",
  slots: [
    {
      slot: "exchange/0",
      stream: "x",
      shardId: "0",
      range: { firstHash: "0".repeat(32), lastHash: "f".repeat(32) },
      version: 3,
      sequence: "12",
      watermarks: { win: 5, 7: "none", end: "end" },
      records: 2,
      stateBytes: 9,
      keys: 1,
      part: { key: "j/1/parts/exchange/0/3-id", version: 3 },
      segments: [{ key: "j/1/segments/exchange/0/3-id", bytes: 9 }],
    },
  ],
};
const staged = {
  key: "j/1/staged/exchange/0/2-id",
  sink: "out",
  epoch: 6,
  count: 4,
  bytes: 80,
};
const naming: Manifest = {
  ...manifest,
  format: 3,
  slots: manifest.slots.map((slot) => ({ ...slot, staged: [staged] })),
};
const tombstone: Tombstone = {
  format: 2,
  status: "expired",
  job: "j",
  generation: 1,
  epoch: 7,
  expiredMs: 990_000,
  reason: "It was late.",
};

const key = objectNames.manifest("j", 1, 7);
const encode = (text: string) => new TextEncoder().encode(text);

async function written(content: Manifest | Tombstone): Promise<Uint8Array> {
  const ports = memoryPorts();
  await putManifest(ports, content);
  return (await ports.objects.get(key))!;
}

const read = async (data: Uint8Array) =>
  await readManifestOrTombstone({ get: async () => data }, key);

describe("a manifest", () => {
  test("of format 1 is read: it has no checksum", async () => {
    expect(await read(encode(golden["manifest, format 1"]))).toEqual({ ...manifest, format: 1 });
  });

  test("is written as the golden file has it, and read", async () => {
    const data = await written(manifest);
    expect(new TextDecoder().decode(data)).toBe(golden["manifest, format 2"]);
    expect(await read(data)).toEqual(manifest);
    expect(new TextDecoder().decode(await written(tombstone))).toBe(golden["tombstone, format 2"]);
    expect(await read(encode(golden["tombstone, format 2"]))).toEqual(tombstone);
  });

  test("names what is staged from format 3 on", async () => {
    const data = await written(naming);
    expect(new TextDecoder().decode(data)).toBe(golden["manifest, format 3"]);
    expect(await read(data)).toEqual(naming);
  });

  test("of format 1 that is put elsewhere stays what it was", async () => {
    const old = (await read(encode(golden["manifest, format 1"]))) as Manifest;
    expect(await written(old)).toEqual(encode(golden["manifest, format 1"]));
  });

  test.each([
    ["manifest", manifest],
    ["tombstone", tombstone],
  ] as const)(
    "no flipped bit and no missing byte of a %s goes unnoticed: one in a field's name once lost a state",
    async (_what, content) => {
      const data = await written(content);
      const open = async (bytes: Uint8Array): Promise<unknown> => {
        try {
          return await read(bytes);
        } catch (thrown) {
          expect((thrown as { code: string }).code).toMatch(/^format-(corrupt|unknown)$/);
          return "refused";
        }
      };
      for (let bit = 0; bit < data.length * 8; bit++) {
        const flipped = data.with(bit >> 3, (data[bit >> 3] as number) ^ (1 << (bit & 7)));
        const found = await open(flipped);
        // The line break at the end may become another blank.
        if (found !== "refused") expect(found, `bit ${bit}`).toEqual(content);
      }
      for (let length = 0; length < data.length - 1; length++)
        expect(await open(data.subarray(0, length)), `${length} bytes`).toBe("refused");
    },
  );

  test("may be laid out anew: what it says is what counts", async () => {
    const text = JSON.stringify(JSON.parse(golden["manifest, format 2"]));
    expect(await read(encode(text))).toEqual(manifest);
    const changed = text.replace('"epoch":7', '"epoch":8');
    await expect(read(encode(changed))).rejects.toMatchObject({
      code: "format-corrupt",
      message: expect.stringContaining(`"${key}"`) as string,
    });
  });
});
