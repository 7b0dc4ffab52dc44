import { describe, expect, test } from "vitest";
import { jobStatus } from "../../../runtime/observe/job-status.ts";
import { statusLines } from "../../../cli/status-text.ts";
import { elementType, tumblingWindows } from "../../../runtime/index.ts";
import { askForSavepoint } from "../../../runtime/savepoints/requests.ts";
import { readGeneration } from "../../../runtime/job/generation.ts";
import { driver, rowsOf, slotWorld, type SlotWorld } from "../../integration/slot-world.ts";
import { kOf, lettersOf, type Reading, reading, type Readings, readingsJob } from "./readings.ts";

interface Row {
  readonly k: string;
  readonly text: string;
}

/** Says "quiet" where nothing has come for 10 s, and what came when. */
const inactivity = (readings: Readings) =>
  readings.process({
    uid: "inactivity",
    emits: elementType<Row>(),
    onElement({ k, n }, ctx) {
      ctx.timers.processing("quiet").set(ctx.nowMs + 10_000);
      ctx.emit({ k, text: `came ${n}` });
    },
    onTimer: { quiet: (ctx) => ctx.emit({ k: ctx.key, text: "quiet" }) },
  });

async function timersOfLetters(world: SlotWorld) {
  const letters = await lettersOf(world);
  return letters.map(({ letter: { reason, timer } }) => ({
    reason,
    timer: (timer as { readonly name: string }).name,
  }));
}

async function worldOf(define: Parameters<typeof readingsJob<Row>>[0], aligned: boolean) {
  const job = readingsJob(define, { aligned, attempts: 1, key: ["k", "text"] });
  const world = await slotWorld(job);
  const environment = world.environment();
  const feed = driver({ world, pick: () => environment });
  const round = world.coordinator(() => environment);
  const put = (...readings: Reading[]) => world.put("in", readings, kOf as never);
  const end = async (roundsMax?: number) => {
    await world.ports.admin.endStream("in");
    await feed.untilEnded(round, roundsMax);
  };
  return { world, feed, round, put, end };
}

describe.each([
  ["in the source's slots", true],
  ["behind an exchange", false],
])("timers, %s", (_, aligned) => {
  test("that are due when a batch begins fire before its elements: after an outage nobody was active", async () => {
    const { world, feed, put } = await worldOf(inactivity, aligned);
    await put(reading("a", 1));
    while (await feed.pump());
    // Nothing runs for a minute, and the backlog is there when the next batch comes.
    world.clock.advance(60_000);
    await put(reading("a", 2));
    while (await feed.pump());
    expect(await rowsOf(world.ports, "out")).toEqual([
      '{"k":"a","text":"came 1"}',
      '{"k":"a","text":"came 2"}',
      '{"k":"a","text":"quiet"}',
    ]);
  });

  test("that are due when a batch begins and fail are tried again, then a dead letter, and the batch goes on", async () => {
    const failing = (readings: Readings) =>
      readings.process({
        uid: "failing",
        emits: elementType<Row>(),
        onElement({ k, n }, ctx) {
          if (n === 1) ctx.timers.processing("soon").set(ctx.nowMs + 10);
          ctx.emit({ k, text: `came ${n}` });
        },
        onTimer: {
          soon(ctx) {
            if (ctx.key === "a") throw new Error("not for a");
            ctx.emit({ k: ctx.key, text: "soon" });
          },
        },
      });
    const { world, feed, put } = await worldOf(failing, aligned);
    await put(reading("a", 1), reading("b", 1));
    while (await feed.pump());
    world.clock.advance(1_000);
    await put(reading("a", 2), reading("b", 2));
    for (let pumps = 0; pumps < 20; pumps++) await feed.pump();
    expect(await rowsOf(world.ports, "out")).toEqual([
      '{"k":"a","text":"came 1"}',
      '{"k":"a","text":"came 2"}',
      '{"k":"b","text":"came 1"}',
      '{"k":"b","text":"came 2"}',
      '{"k":"b","text":"soon"}',
    ]);
    expect(await timersOfLetters(world)).toEqual([
      { reason: "not for a", timer: "failing/timers/processing:soon" },
    ]);
  });

  test("in event time that are set behind the final watermark fire", async () => {
    const flushing = (readings: Readings) =>
      readings.process({
        uid: "flushing",
        emits: elementType<Row>(),
        onElement: (_element, ctx) => ctx.timers.processing("soon").set(ctx.nowMs + 2_000),
        onTimer: {
          soon: (ctx) => ctx.timers.event("flush").set(5_000),
          flush: (ctx) => ctx.emit({ k: ctx.key, text: `flushed at ${ctx.watermarkMs}` }),
        },
      });
    const { world, put, end } = await worldOf(flushing, aligned);
    await put(reading("a", 1));
    await end();
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"a","text":"flushed at Infinity"}']);
  });

  test("in processing time that always set themselves again do not keep a job from its end", async () => {
    const beating = (readings: Readings) =>
      readings.process({
        uid: "beating",
        emits: elementType<Row>(),
        onElement: (_element, ctx) => ctx.timers.processing("beat").set(ctx.nowMs + 1_000),
        onTimer: {
          beat(ctx) {
            ctx.emit({ k: ctx.key, text: "beat" });
            // Not by itself alone: also by way of a timer in event time.
            ctx.timers.processing("beat").set(ctx.nowMs + 1_000);
            ctx.timers.event("other").set(0);
          },
          other: (ctx) => ctx.timers.processing("beat").set(ctx.nowMs + 1_000),
        },
      });
    const { world, put, end } = await worldOf(beating, aligned);
    await put(reading("a", 1));
    await end();
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"a","text":"beat"}']);
    expect(await timersOfLetters(world)).toEqual([]);
  });

  test("in event time that always set themselves again end in a dead letter that names them", async () => {
    let beats = 0;
    const beating = (readings: Readings) =>
      readings.process({
        uid: "beating",
        emits: elementType<Row>(),
        onElement: ({ k }, ctx) => k === "a" && ctx.timers.event("beat").set(ctx.timestampMs + 1),
        onTimer: {
          beat(ctx) {
            // Bounded, so that an engine that goes on for ever fails the test and does not hang it.
            if (++beats < 20_000) ctx.timers.event("beat").set(ctx.timestampMs + 1);
            if (beats === 1) ctx.emit({ k: ctx.key, text: "first beat" });
          },
        },
      });
    const { world, put, end } = await worldOf(beating, aligned);
    await put(reading("a", 1));
    await end();
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"a","text":"first beat"}']);
    expect(await timersOfLetters(world)).toEqual([
      {
        timer: "beating/timers/event:beat",
        reason: expect.stringMatching(/"beating\/timers\/event:beat".* 1000 times/),
      },
    ]);
    expect(beats).toBe(1_000);
  });

  test("that stand when the job is drained still fire, and then it stops", async () => {
    const { world, feed, round, put } = await worldOf(inactivity, aligned);
    await put(reading("a", 1));
    while (await feed.pump());
    await askForSavepoint(world.ports, { job: "readings", id: "last", kind: "drain" });
    const said = new Set<string>();
    for (let rounds = 0; rounds < 40; rounds++) {
      while (await feed.pump());
      world.clock.advance(2_000);
      if ((await round()).ended) break;
      for (const line of statusLines(await jobStatus(world.ports, "readings"))) said.add(line);
    }
    expect([...said]).toContainEqual(
      expect.stringMatching(/timers of processing time stand, the next until 1970-01-01.00:16:50/),
    );
    expect(await readGeneration(world.ports, "readings")).toMatchObject({ outcome: "stopped" });
    expect(await rowsOf(world.ports, "out")).toEqual([
      '{"k":"a","text":"came 1"}',
      '{"k":"a","text":"quiet"}',
    ]);
  });

  test("that a drained source leaves behind, since its invocation was over, are fired by the next ones", async () => {
    let world: SlotWorld | undefined = undefined;
    const slow = (readings: Readings) =>
      readings.process({
        uid: "slow",
        emits: elementType<Row>(),
        onElement: ({ atMs }, ctx) => ctx.timers.event("soon").set(atMs + 10),
        onTimer: {
          soon(ctx) {
            world?.clock.advance(100);
            ctx.emit({ k: ctx.key, text: "fired" });
          },
        },
      });
    const made = await worldOf(slow, aligned);
    world = made.world;
    await made.put(...Array.from({ length: 30 }, (_, at) => reading(`k${at}`, at)));
    while (await made.feed.pump());
    await askForSavepoint(world.ports, { job: "readings", id: "last", kind: "drain" });
    const short = () => {
      const endMs = world!.clock.nowMs() + 1_000;
      return { remainingMs: () => endMs - world!.clock.nowMs() };
    };
    const environment = world.environment();
    const briefly = world.coordinator(() => environment, 0, world.generation, short);
    const feed = driver({ world, pick: () => environment, deadline: short });
    await feed.untilEnded(briefly, 100);
    expect(await readGeneration(world.ports, "readings")).toMatchObject({ outcome: "stopped" });
    expect(await rowsOf(world.ports, "out")).toHaveLength(30);
  });

  test("in event time may set themselves again at the end until it is time", async () => {
    const waiting = (readings: Readings) =>
      readings.process({
        uid: "waiting",
        emits: elementType<Row>(),
        onElement: (_element, ctx) => ctx.timers.event("look").set(ctx.timestampMs + 1),
        onTimer: {
          look(ctx) {
            if (ctx.timestampMs < 1_900) ctx.timers.event("look").set(ctx.timestampMs + 1);
            else ctx.emit({ k: ctx.key, text: "done" });
          },
        },
      });
    const { world, put, end } = await worldOf(waiting, aligned);
    await put(reading("a", 1), reading("b", 1));
    await end();
    expect(await rowsOf(world.ports, "out")).toEqual([
      '{"k":"a","text":"done"}',
      '{"k":"b","text":"done"}',
    ]);
    expect(await timersOfLetters(world)).toEqual([]);
  });

  test("in processing time give results at the watermark: windows behind them take them, and by no wall clock", async () => {
    const windowed = (readings: Readings) =>
      readings
        .process({
          uid: "delayed",
          emits: elementType<{ k: string }>(),
          onElement: (_element, ctx) => ctx.timers.processing("later").set(ctx.nowMs + 1_500),
          onTimer: { later: (ctx) => ctx.emit({ k: ctx.key }) },
        })
        .keyBy(({ k }) => k)
        .window(tumblingWindows({ size: { seconds: 10 } }), { uid: "counts" })
        .aggregate(
          { create: () => 0, add: (n) => n + 1, result: (n) => n },
          (n, { key, window }): Row => ({ k: key, text: `${n} from ${window.startMs}` }),
        );
    const { world, feed, round, put, end } = await worldOf(windowed, aligned);
    await put(reading("a", 1, 60_001), reading("a", 2, 75_000));
    for (let pumps = 0; pumps < 3; pumps++) {
      while (await feed.pump());
      world.clock.advance(1_000);
      await round();
    }
    await end();
    expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"a","text":"1 from 70000"}']);
  });
});

test("a timer is set to a number of milliseconds: what is none is refused, and nothing begins before a fraction", async () => {
  const times: Readonly<Record<string, unknown>> = {
    text: "2000",
    date: new Date(2_000),
    boxed: Object(2_000),
    fraction: 1_999.5,
  };
  const setting = (readings: Readings) =>
    readings.process({
      uid: "setting",
      emits: elementType<Row>(),
      onElement: ({ k }, ctx) => ctx.timers.event("soon").set(times[k] as number),
      onTimer: { soon: (ctx) => ctx.emit({ k: ctx.key, text: `${ctx.timestampMs + 1}` }) },
    });
  const { world, put, end } = await worldOf(setting, true);
  await put(...Object.keys(times).map((k) => reading(k, 1)));
  await end();
  expect(await rowsOf(world.ports, "out")).toEqual(['{"k":"fraction","text":"2001"}']);
  const reasons = (await lettersOf(world)).map(({ letter }) => letter["reason"]);
  expect(reasons).toEqual([
    expect.stringContaining("of type string"),
    expect.stringContaining("of type object"),
    expect.stringContaining("of type object"),
  ]);
});
