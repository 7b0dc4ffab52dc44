import { describe, expect, test } from "vitest";
import { healthOf, type HealthInput } from "../../../runtime/observe/health.ts";
import type { Shard } from "../../../runtime/ports/index.ts";
import { type SlotProgress, startingProgress } from "../../../runtime/job/progress.ts";

const range = { firstHash: "0".repeat(32), lastHash: "f".repeat(32) };

function row(shardId: string, about: Partial<SlotProgress> = {}): SlotProgress {
  const slot = { name: `exchange/${shardId}`, stream: "exchange", shardId };
  return { ...startingProgress(slot, range, 0), ...about };
}

function shard(shardId: string, parents: readonly string[] = [], closed = false): Shard {
  return { shardId, parents, closed, ...range };
}

function health(progress: readonly SlotProgress[], shards: readonly Shard[] = []) {
  const input: HealthInput = {
    progress,
    shards: new Map([["exchange", shards]]),
    ringSize: 512,
    exchangeLagMs: 0,
    nowMs: 100_000,
  };
  return healthOf(input);
}

const partAt = (version: number) => ({ part: { key: `part-${version}`, version } });

describe("how full a job's logs are", () => {
  test("is that of the slot that is nearest to its end", () => {
    const slots = [
      row("a", { version: 600, ...partAt(500) }),
      row("b", { version: 384 }),
      row("c", { version: 5_000, ...partAt(5_000) }),
    ];
    expect(health(slots).ringUsedPercent).toBe(75);
  });

  test("leaves out sealed slots, and those that have just taken over", () => {
    const slots = [row("a", { version: 500, sealed: true }), row("b", { version: 9_000 })];
    expect(health(slots).ringUsedPercent).toBe(0);
  });
});

describe("parents that are not drained", () => {
  const shards = [shard("p", [], true), shard("l", ["p"]), shard("r", ["p"])];

  test.each<[string, readonly SlotProgress[], number]>([
    ["not where it has no slot", [], 0],
    ["while it is read", [row("p")], 1],
    ["while a child has not taken over", [row("p", { sealed: true }), row("l")], 1],
    ["no more once all have", [row("p", { sealed: true }), row("l"), row("r")], 0],
  ])("a parent counts %s", (_, progress, expected) => {
    expect(health(progress, shards).undrainedParents).toBe(expected);
  });

  test("a shard that has no children, or no slot in this generation, doesn't count", () => {
    const others = [shard("old", [], true), shard("new", ["old"]), shard("end", [], true)];
    expect(health([row("end")], others).undrainedParents).toBe(0);
  });
});

test("the slowest watermark counts, where it is a time and its slot is not idle", () => {
  const slots = [
    row("a", { watermarks: { one: { ms: 70_000, idle: false }, two: { ms: 40_000, idle: true } } }),
    row("b", { watermarks: { one: { ms: Number.NEGATIVE_INFINITY, idle: false } } }),
  ];
  expect(health(slots).watermarkLagMs).toBe(30_000);
  expect(health([row("b")])).not.toHaveProperty("watermarkLagMs");
});
