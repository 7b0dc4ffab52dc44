import { expect, test } from "vitest";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";
import { storeError } from "../../../runtime/errors/millrace-error.ts";
import { otherRows } from "../../../runtime/layout/names.ts";
import { recordHistory } from "../../../runtime/observe/history.ts";
import { startingProgress, writeProgress } from "../../../runtime/job/progress.ts";
import { statusOfRows } from "../../../runtime/observe/job-status.ts";
import { readEvents } from "../../../runtime/observe/events.ts";
import { readSamples } from "../../../runtime/observe/samples.ts";

const place = { job: "clicks", generation: 1 };

function world() {
  let nowMs = 1_000_000_000_000;
  const clock = { nowMs: () => nowMs, sleep: async (ms: number) => void (nowMs += ms) };
  return { ports: memoryPorts({ clock }), clock };
}

test("samples are two seconds apart, outlive who took them, and stay bounded", async () => {
  const { ports, clock } = world();
  const first = await recordHistory(ports, place);
  for (let at = 0; at < 100; at++) {
    await first.tick();
    await clock.sleep(500);
  }
  const before = await readSamples(ports, "clicks");
  expect(before).toHaveLength(25);
  const second = await recordHistory(ports, place);
  await second.tick();
  expect((await readSamples(ports, "clicks")).slice(0, 25)).toEqual(before);
  // Five hours: the ring has two.
  for (let at = 0; at < 5 * 1_800; at++) {
    await clock.sleep(2_000);
    await second.tick();
  }
  const kept = await readSamples(ports, "clicks");
  expect(kept.length).toBeLessThanOrEqual(3_600);
  expect(kept.length).toBeGreaterThan(3_500);
  expect(kept.at(-1)!.atMs).toBe(clock.nowMs());
  const times = kept.map(({ atMs }) => atMs);
  expect(times).toEqual(times.toSorted((left, right) => left - right));
  expect(await ports.control.list(otherRows.samples("clicks"))).toHaveLength(60);
});

test("a sample's lag is that of the status, whichever slot has said nothing yet", async () => {
  const { ports, clock } = world();
  const range = { firstHash: "0".repeat(32), lastHash: "f".repeat(32) };
  const slotOf = (shardId: string, ms: number) => ({
    ...startingProgress(
      { name: `exchange/${shardId}`, stream: "x", shardId },
      range,
      clock.nowMs(),
    ),
    watermarks: { sums: { ms, idle: false } },
  });
  const generation = {
    ...place,
    plan: "p",
    ringSize: 512,
    publishedMs: clock.nowMs(),
    slots: [],
    ended: false,
  };
  const rows = [slotOf("a", clock.nowMs() - 5_000), slotOf("b", Number.NEGATIVE_INFINITY)];
  for (const row of rows) await writeProgress(ports, place, row);
  await (await recordHistory(ports, place)).tick();
  const [sample] = await readSamples(ports, "clicks");
  const status = await statusOfRows(ports, "clicks", { generation, rows });
  expect(status.watermarkLagMs).toBe(5_000);
  expect(sample!.watermarkLagMs).toBe(status.watermarkLagMs);
});

test("events go on where another process left off; the newest 500 are kept", async () => {
  const { ports } = world();
  const first = await recordHistory(ports, place);
  for (let at = 0; at < 300; at++) first.note({ kind: "alarm", code: "a", text: `alarm ${at}` });
  await first.close();
  const second = await recordHistory(ports, place);
  for (let at = 300; at < 600; at++) second.note({ kind: "alarm", code: "a", text: `alarm ${at}` });
  await second.close();
  const events = await readEvents(ports, "clicks");
  expect(events).toHaveLength(500);
  expect(events.at(-1)).toMatchObject({ text: "alarm 599", sequence: 602 });
  expect(events.filter(({ kind }) => kind === "started")).toHaveLength(1);
});

test("what comes again after 500 others takes the place of none of them", async () => {
  const { ports } = world();
  const history = await recordHistory(ports, place);
  const alarm = (text: string): void => history.note({ kind: "alarm", code: "a", text });
  alarm("again");
  for (let at = 0; at < 498; at++) alarm(`alarm ${at}`);
  alarm("again");
  await history.close();
  for (let at = 498; at < 997; at++) alarm(`alarm ${at}`);
  await history.close();
  alarm("again");
  await history.close();
  const events = await readEvents(ports, "clicks");
  const texts = events.map(({ text }) => text);
  expect(texts).toHaveLength(500);
  expect(texts.slice(0, 2)).toEqual(["alarm 498", "alarm 499"]);
  expect(texts.slice(-2)).toEqual(["alarm 996", "again"]);
});

test("what comes again and again is one event that is counted", async () => {
  const { ports, clock } = world();
  const history = await recordHistory(ports, place);
  for (let at = 0; at < 10; at++) {
    await clock.sleep(1_000);
    history.note({ kind: "error", code: "store-busy", text: "busy" });
  }
  await history.close();
  const errors = (await readEvents(ports, "clicks")).filter(({ kind }) => kind === "error");
  expect(errors).toEqual([expect.objectContaining({ count: 10, lastMs: clock.nowMs() })]);
});

test("a store that is busy at the end costs what was noted, and not the run", async () => {
  const { ports } = world();
  const control: typeof ports.control = {
    ...ports.control,
    put: async () => {
      throw storeError("store-busy", { message: "It is busy.", retryable: true });
    },
  };
  const history = await recordHistory({ ...ports, control }, place);
  await history.close();
  expect(await readEvents(ports, "clicks")).toEqual([]);
});
