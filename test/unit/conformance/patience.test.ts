import { describe, expect, test } from "vitest";
import { storeError } from "../../../runtime/errors/millrace-error.ts";
import type { StreamReader } from "../../../runtime/ports/index.ts";
import { manualClock } from "../../integration/slot-world.ts";
import { pacedReader, streamContents } from "../../conformance/stream-contents.ts";
import { deleteResources } from "../../conformance/worlds/delete-resources.ts";
import { settled } from "../../conformance/worlds/settled.ts";

const shard = { shardId: "s", firstHash: "0", lastHash: "f", parents: [], closed: false };
const record = { sequence: "1", partitionKey: "k", data: new Uint8Array(1), arrivalMs: 0 };

/** A shard of pages that says how often it is read; some reads are throttled. */
function shardOf(pages: number, clock: ReturnType<typeof manualClock>, throttled = 0) {
  const readsMs: number[] = [];
  let left = throttled;
  const reader: StreamReader = {
    listShards: async () => [shard],
    read: async () => {
      readsMs.push(clock.nowMs());
      if (left-- > 0)
        throw storeError("store-throttled", { message: "Slow down.", retryable: true });
      const atTip = readsMs.length - throttled >= pages;
      return { records: [record], atTip, ended: false, next: { kind: "after", sequence: "1" } };
    },
  };
  return { reader, readsMs };
}

describe("a conformance run", () => {
  test("leaves the job its share of the five reads a second of a shard", async () => {
    const clock = manualClock();
    const { reader, readsMs } = shardOf(20, clock);
    expect(await streamContents(pacedReader(reader, clock), "s")).toHaveLength(20);
    expect(Math.max(...readsMs) - Math.min(...readsMs)).toBeGreaterThanOrEqual(19 * 500);
  });

  test("reads on where a read was refused, ever slower, but not for ever", async () => {
    const clock = manualClock();
    const { reader } = shardOf(1, clock, 3);
    expect(await streamContents(pacedReader(reader, clock), "s")).toHaveLength(1);
    const refused = shardOf(1, clock, 100);
    await expect(streamContents(pacedReader(refused.reader, clock), "s")).rejects.toThrow("Slow");
  });

  test("waits until CloudWatch's figures stay as they are", async () => {
    const clock = manualClock();
    const startMs = clock.nowMs();
    const figures = [0, 40, 71, 71, 99];
    expect(await settled(clock, async () => figures.shift())).toBe(71);
    expect(clock.nowMs() - startMs).toBeGreaterThanOrEqual(300_000);
  });

  test("deletes all that it can, and passes over what a roll-back has deleted", async () => {
    const asked: string[] = [];
    const remove = async (name: string): Promise<void> => {
      asked.push(name);
      if (name === "gone")
        throw Object.assign(new Error("none"), { name: "ResourceNotFoundException" });
      if (name === "kept") throw new Error("kept is in use");
    };
    const of = (type: string) => (name: string) => ({ type, name });
    const resources = [...["gone", "kept"].map(of("Table")), of("Logs")("log"), of("Role")("role")];
    const deleters = { Table: remove, Logs: remove };
    await expect(deleteResources(deleters, resources)).rejects.toThrow("kept is in use");
    expect(asked).toEqual(["gone", "kept", "log"]);
  });
});
