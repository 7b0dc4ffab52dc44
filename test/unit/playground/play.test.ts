import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadJob } from "../../../playground/load-job.ts";
import { play, type PlayOptions } from "../../../playground/play.ts";
import type { PlayStep } from "../../../playground/play-step.ts";
import { root } from "../tidy/sources.ts";

const tutorial = readFileSync(join(root, "docs/tutorial.md"), "utf8");
const fileOf = (name: string): string =>
  new RegExp(`^\`\`\`\\w+ file=${name}[^\n]*\n([\\s\\S]*?)^\`\`\`$`, "m").exec(tutorial)?.[1] ?? "";
const climate = fileOf("job.ts");
const readings = fileOf("readings.jsonl");

async function stepsOf(text: string, options: PlayOptions): Promise<readonly PlayStep[]> {
  const steps: PlayStep[] = [];
  for await (const step of play(loadJob(text), options)) steps.push(step);
  return steps;
}

const resultsOf = (steps: readonly PlayStep[]): readonly unknown[] =>
  steps.flatMap(({ results }) => results.map(({ value }) => value));
const firedKeys = (step: PlayStep | undefined): readonly unknown[] | undefined =>
  step?.fired.map(({ key }) => key);

test("a job is played line by line: windows fire as the watermark passes them, and what comes behind it is late", async () => {
  const steps = await stepsOf(climate, { input: readings });
  expect(steps.map(({ cause }) => cause.kind)).toEqual([...Array(8).fill("line"), "end"]);
  expect(steps.map(({ watermarks }) => watermarks["minutes"])).toEqual([
    ...["07:59:54", "08:00:09", "08:00:29", "08:00:59", "08:01:19"].map(justBehind),
    ...["08:02:04", "08:02:04", "08:02:04"].map(justBehind),
    "end",
  ]);
  expect(steps.map(({ windows }) => windows.length)).toEqual([1, 2, 2, 1, 2, 1, 1, 1, 0]);
  expect(firedKeys(steps[2])).toEqual([]);
  expect(firedKeys(steps[3])).toEqual(["cellar", "kitchen"]);
  expect(resultsOf(steps.slice(3, 4))).toContainEqual({
    sensor: "kitchen",
    minute: "08:00",
    readings: 2,
    mean: 21,
  });
  expect(steps.map(({ late }) => Object.keys(late).length)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 0]);
  expect(steps.flatMap(({ deadLetters }) => deadLetters.map(({ reason }) => reason))).toEqual([
    "celsius: Invalid input: expected number, received string",
  ]);
});

function justBehind(time: string): number {
  return Date.parse(`2026-03-01T${time}.999Z`);
}

test("a window that is kept for longer gives its result again when it is corrected", async () => {
  const kept = climate.replace('uid: "minutes"', 'uid: "minutes", allowedLateness: { hours: 1 }');
  const steps = await stepsOf(kept, { input: readings });
  expect(firedKeys(steps[7])).toEqual(["kitchen"]);
  expect(steps[7]?.fired[0]?.accumulator).toEqual({ readings: 3, sum: 61.5 });
  expect(resultsOf(steps.slice(7, 8))).toEqual([
    { sensor: "kitchen", minute: "08:00", readings: 3, mean: 20.5 },
  ]);
  expect(steps.map(({ late }) => late).every((late) => Object.keys(late).length === 0)).toBe(true);
});

test("lines that come at once are taken as one batch: nothing is late in it", async () => {
  const steps = await stepsOf(climate, { input: readings, everyMs: 0 });
  expect(steps.map(({ cause }) => cause.kind)).toEqual(["lines", "end"]);
  expect(steps.map(({ late }) => Object.keys(late).length)).toEqual([0, 0]);
  expect(resultsOf(steps)).toHaveLength(5);
});

test("without an end the last windows stay open", async () => {
  const steps = await stepsOf(climate, { input: readings, ends: false });
  expect(steps).toHaveLength(8);
  expect(steps.at(-1)?.windows.map(({ key, fired }) => [key, fired])).toEqual([["kitchen", false]]);
});

test("state and timers of a process function are shown by key", async () => {
  const steps = await stepsOf(fileOf("silence.ts"), { input: readings });
  expect(steps[0]?.state).toEqual([
    {
      operator: "silence",
      state: "timers",
      key: "kitchen",
      entry: "event:silent",
      value: Date.parse("2026-03-01T08:01:05Z"),
    },
    { operator: "silence", state: "heard", key: "kitchen", value: "2026-03-01T08:00:05Z" },
  ]);
  expect(resultsOf(steps)).toHaveLength(2);
});

const twoStreams = `
import { boundedOutOfOrderness, defineJob, elementType, mapState, unchecked, valueState, sessionWindows } from "millrace";
import { kinesisSink, kinesisSource } from "millrace/connectors";
interface Click { readonly user: string; readonly atMs: number }
export default defineJob("visits", (env) => {
  const read = (stream: string) => env.source(kinesisSource({ stream, schema: unchecked<Click>() }), {
    uid: stream,
    watermarks: boundedOutOfOrderness<Click>({ timestamp: ({ atMs }) => atMs, bound: { seconds: 0 } }),
  });
  read("left").union(read("right"))
    .keyBy("user")
    .window(sessionWindows({ gap: { seconds: 10 } }), { uid: "visits" })
    .aggregate({ create: () => 0, add: (count) => count + 1, result: (count) => count, merge: (a, b) => a + b },
      (clicks, { key, window }) => ({ user: key, clicks, seconds: (window.endMs - window.startMs) / 1000 }))
    .sinkTo(kinesisSink({ stream: "out", partitionKey: ({ user }) => user }), { uid: "out" });
});`;

test("lines of several streams begin with a stream's name, and a session that another one swallows has not fired", async () => {
  const input = `
    # two visits that become one
    left {"user":"a","atMs":1000000}
    right {"user":"a","atMs":1015000}
    left {"user":"a","atMs":1008000}
    right {"user":"a","atMs":1040000}
    left {"user":"a","atMs":1040000}`;
  const steps = await stepsOf(twoStreams, { input });
  expect(steps.map(({ windows }) => windows.length)).toEqual([1, 2, 1, 2, 1, 0]);
  expect(steps.map(({ fired }) => fired.length)).toEqual([0, 0, 0, 0, 1, 1]);
  expect(resultsOf(steps)).toEqual([
    { user: "a", clicks: 3, seconds: 25 },
    { user: "a", clicks: 2, seconds: 10 },
  ]);
  await expect(stepsOf(twoStreams, { input: '{"user":"a"}' })).rejects.toThrow(
    /Line 1 of the input does not begin with the name of a stream/,
  );
});

test("the same job and input give the same steps", async () => {
  const [first, second] = [
    await stepsOf(climate, { input: readings }),
    await stepsOf(climate, { input: readings }),
  ];
  expect(first).toEqual(second);
});

test("a job that waits for a timer of processing time need not be waited for", async () => {
  const silence = fileOf("silence.ts").replace("{ state, timers }", "{ state, timers, nowMs }");
  const text = silence.replace(
    'timers.event("silent").set(Date.parse(at) + 60_000)',
    'timers.processing("silent").set(nowMs + 30 * 86_400_000)',
  );
  const steps = await stepsOf(text, { input: readings });
  expect(text).toContain("nowMs + 30");
  expect(resultsOf(steps)).toHaveLength(2);
});

test.each([
  ["no TypeScript", "export default (", /The file is no TypeScript: .*\(1:\d+\)/],
  ["a module that isn't there", 'import "node:fs";', /The playground has no module "node:fs"/],
  ["no job", "export const job = 1;", /The file has no default export/],
  ["what it throws", 'throw new Error("on purpose");', /on purpose/],
])("a text is refused: %s", (_, text, message) => {
  expect(() => loadJob(text)).toThrow(message);
});

test("a source that reads no stream is refused", async () => {
  const text = `
    import { defineJob, noWatermarks } from "millrace";
    import { dynamodbSink, generatorSource } from "millrace/connectors";
    export default defineJob("counter", (env) => {
      env.source(generatorSource({ generate: (index) => ({ index }), count: 3 }), { uid: "numbers", watermarks: noWatermarks() })
        .sinkTo(dynamodbSink({ table: "numbers", key: { index: "number" } }), { uid: "rows" });
    });`;
  await expect(stepsOf(text, { input: "" })).rejects.toThrow(/reads no stream/);
});

test("a source without watermarks is refused: the playground checks no types", async () => {
  const text = climate.replace(/watermarks: .*/, "");
  await expect(stepsOf(text, { input: readings })).rejects.toThrow(
    /The source "readings" at job.ts:9:6 has no watermarks\.\n.*boundedOutOfOrderness/,
  );
});
