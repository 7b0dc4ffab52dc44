import { describe, expect, test } from "vitest";
import { canComplete, sharesOf } from "../../../runtime/coordinator/epoch-shares.ts";
import { dynamodbSink, generatorSource } from "../../../runtime/connectors/index.ts";
import { defineJob, noWatermarks } from "../../../runtime/index.ts";
import { buildPlan } from "../../../runtime/planner/build-plan.ts";
import type { HashRange } from "../../../runtime/serde/hash-space.ts";
import { type SlotProgress, startingProgress } from "../../../runtime/job/progress.ts";
import { visitsJob } from "../../integration/visits-job.ts";

const job = {
  plan: buildPlan(visitsJob().graph),
  names: { exchangeStream: "exchange", streams: {}, tables: {} },
};
const rangeOf = (first: string, last: string): HashRange => ({
  firstHash: first.padEnd(32, "0"),
  lastHash: last.padEnd(32, "f"),
});
const all = rangeOf("0", "f");
const lower = rangeOf("0", "7");
const upper = rangeOf("8", "f");
const epoch = 5;

type Row = Partial<SlotProgress> & Pick<SlotProgress, "range" | "version">;

/** Source slots; the exchange's one slot has its share in any case. */
function canCompleteWith(...rows: readonly Row[]): boolean {
  const named = rows.map((row, index) => ({ ...slot("visits", `s${index}`, row.range), ...row }));
  const exchange = { ...slot("exchange", "e", all), epoch, checkpoint: share };
  return canComplete(job, { progress: [...named, exchange] }, epoch);
}

const share = { epoch, part: { key: "p", version: 1 } as never, complete: true };
const slot = (stream: string, shardId: string, range: HashRange): SlotProgress =>
  startingProgress({ name: `${stream}/${shardId}`, stream, shardId }, range, 0);

describe("an epoch can still complete", () => {
  test("while slots have not come to it, or have cut and not yet written their parts", () => {
    expect(
      canCompleteWith(
        { range: lower, version: 3, epoch: 4 },
        { range: upper, version: 3, epoch, cutEpoch: epoch },
      ),
    ).toBe(true);
  });

  test("behind a parent that is sealed without it, before and after its children come", () => {
    const parent = { range: all, version: 3, epoch: 4, sealed: true };
    expect(canCompleteWith(parent)).toBe(true);
    expect(canCompleteWith(parent, { range: lower, version: 4, epoch: 4 })).toBe(true);
    expect(
      canCompleteWith(
        parent,
        { range: lower, version: 4, epoch: 4 },
        { range: upper, version: 4, epoch: 4 },
      ),
    ).toBe(true);
  });
});

describe("an epoch can not complete any more", () => {
  const cut = { range: lower, version: 3, epoch, cutEpoch: epoch, checkpoint: share, sealed: true };
  const uncut = { range: upper, version: 3, epoch: 4, sealed: true };

  test("where a child of a parent that had cut and one that had not is past it: nobody cuts for the latter", () => {
    expect(canCompleteWith(cut, uncut)).toBe(true);
    expect(canCompleteWith(cut, uncut, { range: all, version: 4, epoch })).toBe(false);
  });

  test("where the child was divided again since", () => {
    const child = { range: all, version: 4, epoch, sealed: true };
    expect(canCompleteWith(cut, uncut, child)).toBe(false);
    expect(canCompleteWith(cut, uncut, child, { range: upper, version: 5, epoch })).toBe(false);
  });

  test("where a slot was sealed in the midst of its cut", () => {
    expect(canCompleteWith({ range: all, version: 3, epoch, cutEpoch: epoch, sealed: true })).toBe(
      false,
    );
  });
});

describe("where splits are listed", () => {
  const numbers = defineJob("numbers", (env) =>
    env
      .source(generatorSource({ generate: (index) => ({ index }) }), {
        uid: "numbers",
        watermarks: noWatermarks(),
      })
      .sinkTo(dynamodbSink({ table: "rows", key: { index: "number" } }), { uid: "rows" }),
  );
  const ofNumbers = { ...job, plan: buildPlan(numbers.graph) };
  const splitOf = (id: string, cut: Partial<SlotProgress>) => ({
    ...slot("generator:numbers", id, all),
    slot: `numbers/${id}`,
    ...cut,
  });
  const generation = { slots: ["numbers/2-0", "numbers/2-1", "exchange/e"] };

  test("an epoch is complete with the share of each split, though each has the whole hash space", () => {
    const whole = { epoch, checkpoint: share };
    const exchange = { ...slot("exchange", "e", all), ...whole };
    const halves = [splitOf("2-0", whole), splitOf("2-1", whole), exchange];
    expect(sharesOf(ofNumbers, { progress: halves, generation }, epoch)?.length).toBe(3);
    const lacking = [splitOf("2-0", whole), splitOf("2-1", { epoch, cutEpoch: epoch }), exchange];
    expect(sharesOf(ofNumbers, { progress: lacking, generation }, epoch)).toBeUndefined();
    expect(canComplete(ofNumbers, { progress: lacking }, epoch)).toBe(true);
    const givenUp = [splitOf("2-0", whole), splitOf("2-1", { epoch }), exchange];
    expect(canComplete(ofNumbers, { progress: givenUp }, epoch)).toBe(false);
  });

  test("it is not complete where a row is gone: its generation was replaced, and is being collected", () => {
    const whole = { epoch, checkpoint: share };
    const exchange = { ...slot("exchange", "e", all), ...whole };
    const left = [splitOf("2-0", whole), exchange];
    expect(sharesOf(ofNumbers, { progress: left, generation }, epoch)).toBeUndefined();
  });
});
