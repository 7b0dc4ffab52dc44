import { describe, expect, test } from "vitest";
import { nearestSlots, regionsOf } from "../../../runtime/coordinator/regions.ts";
import { raised, stageWatermarks } from "../../../runtime/coordinator/stage-watermarks.ts";
import type { StageWatermark } from "../../../runtime/exchange/watermark.ts";
import type { Plan } from "../../../runtime/plan/plan.ts";
import type { Shard } from "../../../runtime/ports/index.ts";
import type { SlotProgress } from "../../../runtime/job/progress.ts";

/** Every slot covers everything: what is tested here is who speaks. */
const wholeSpace = { firstHash: "0".repeat(32), lastHash: "f".repeat(32) };

const shard = (shardId: string, ...parents: string[]): Shard => ({
  shardId,
  parents,
  firstHash: "",
  lastHash: "",
  closed: false,
});

const row = (shardId: string, watermark?: StageWatermark, sealed = false): SlotProgress => ({
  slot: `in/${shardId}`,
  stream: "in",
  shardId,
  range: wholeSpace,
  version: 1,
  epoch: 0,
  watermarks: watermark === undefined ? {} : { src: watermark },
  sealed,
  ended: false,
  counters: { records: 0, deadLetters: 0, operators: {} },
  stateBytes: 0,
  keys: 0,
  tickClockMs: 0,
  atMs: 0,
});

const idsOf = (shards: readonly Shard[], rows: readonly SlotProgress[]) => {
  const { slots, complete } = regionsOf(shards, rows);
  return { ids: slots.map(({ shardId }) => shardId).sort(), complete };
};

const sealed = (shardId: string) => row(shardId, undefined, true);

describe("who speaks for a stream", () => {
  test("every slot that is not sealed", () => {
    expect(idsOf([shard("a"), shard("b")], [row("a"), row("b")])).toEqual({
      ids: ["a", "b"],
      complete: true,
    });
  });

  test("for a child without a slot its parents, sealed or not", () => {
    const shards = [shard("a"), shard("b", "a"), shard("c", "a")];
    expect(idsOf(shards, [row("a")])).toEqual({ ids: ["a"], complete: true });
    expect(idsOf(shards, [sealed("a"), row("b")])).toEqual({ ids: ["a", "b"], complete: true });
    expect(idsOf(shards, [sealed("a"), row("b"), row("c")])).toEqual({
      ids: ["b", "c"],
      complete: true,
    });
  });

  test("for a grandchild the nearest ancestors that have a slot, through parents that have none", () => {
    const shards = [shard("a"), shard("b"), shard("c", "a"), shard("d", "c", "b")];
    expect(idsOf(shards, [row("a"), row("b")])).toEqual({ ids: ["a", "b"], complete: true });
  });

  test("nobody for a region that has neither a slot nor an ancestor with one: nothing may be concluded", () => {
    const half = { ...row("a"), range: { ...wholeSpace, lastHash: `7${"f".repeat(31)}` } };
    expect(idsOf([shard("a"), shard("b")], [half]).complete).toBe(false);
    expect(idsOf([shard("a"), shard("b", "gone")], [half]).complete).toBe(false);
    expect(idsOf([shard("b", "gone")], []).complete).toBe(false);
    expect(idsOf([], []).complete).toBe(false);
  });

  test("an ancestor once, however many ways lead to it through splits and merges", () => {
    const shards = [shard("m0")];
    for (let at = 1; at <= 12; at++) {
      const before = `m${at - 1}`;
      shards.push(shard(`l${at}`, before), shard(`r${at}`, before));
      shards.push(shard(`m${at}`, `l${at}`, `r${at}`));
    }
    const rows = new Map([["m0", sealed("m0")]]);
    expect(nearestSlots(shards.at(-1)!, shards, rows)).toEqual([sealed("m0")]);
  });

  test("nobody for shards of another life of the job, which hold nothing up", () => {
    const shards = [shard("old"), shard("older-child", "old"), shard("a")];
    expect(idsOf(shards, [row("a")])).toEqual({ ids: ["a"], complete: true });
  });

  test("children that took over speak although the list of shards is older than they are", () => {
    const { ids } = idsOf([shard("a"), shard("q")], [sealed("a"), row("b"), row("c"), row("q")]);
    expect(ids).toEqual(["b", "c", "q"]);
  });

  test("a stream whose only listed slot is sealed is not complete", () => {
    expect(idsOf([shard("a")], [sealed("a")])).toEqual({ ids: [], complete: false });
  });
});

describe("the watermark of a stage", () => {
  const plan = {
    stages: [
      { id: "src", kind: "source", source: "in", upstream: [], operators: [] },
      { id: "win", kind: "exchange", upstream: ["src"], operators: [] },
      { id: "next", kind: "exchange", upstream: ["win"], operators: [] },
    ],
  } as unknown as Plan;

  const none = { ms: Number.NEGATIVE_INFINITY, idle: false };
  const of = (rows: readonly SlotProgress[], shards = rows.map(({ shardId }) => shard(shardId))) =>
    stageWatermarks(plan, {
      sources: new Map([["in", regionsOf(shards, rows)]]),
      exchange: { slots: [], complete: true },
    })["win"];

  test("is the minimum of what all of its upstream slots have delivered", () => {
    expect(of([row("a", { ms: 5, idle: false }), row("b", { ms: 3, idle: false })])).toEqual({
      ms: 3,
      idle: false,
    });
  });

  test("leaves idle slots out, and is the maximum where all are idle", () => {
    const idle = (ms: number) => ({ ms, idle: true });
    expect(of([row("a", { ms: 5, idle: false }), row("b", idle(3))])).toEqual({
      ms: 5,
      idle: false,
    });
    expect(of([row("a", idle(5)), row("b", idle(3))])).toEqual({ ms: 5, idle: true });
  });

  test("is held back by a slot that has none yet, and by a region without a slot", () => {
    expect(of([row("a", { ms: 5, idle: false }), row("b")])).toEqual(none);
    const half = { ...wholeSpace, lastHash: `7${"f".repeat(31)}` };
    const slot = { ...row("a", { ms: 5, idle: false }), range: half };
    expect(of([slot], [shard("a"), shard("b")])).toEqual(none);
  });

  test("of a missing child is that of its parents", () => {
    const shards = [shard("a"), shard("b", "a"), shard("c", "a")];
    const rows = [row("a", { ms: 4, idle: false }, true), row("b", { ms: 9, idle: false })];
    expect(of(rows, shards)).toEqual({ ms: 4, idle: false });
  });

  test("only ever rises from tick to tick", () => {
    const next = raised(
      { win: { ms: 7, idle: false } },
      { win: { ms: 4, idle: true }, next: none },
    );
    expect(next).toEqual({ win: { ms: 7, idle: true }, next: none });
  });
});
