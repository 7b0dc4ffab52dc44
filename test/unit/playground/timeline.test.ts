import { describe, expect, test } from "vitest";
import type { PlayStep, ShownWindow } from "../../../playground/play-step.ts";
import { timelineSvg } from "../../../playground/timeline-svg.ts";
import { timelineOf } from "../../../playground/timeline.ts";
import { transcriptOf } from "../../../playground/transcript.ts";

const atMs = Date.UTC(2026, 2, 1, 8);
const window = (startMs: number, endMs: number, fired = false): ShownWindow => ({
  operator: "visits",
  id: `${startMs}/${endMs}`,
  key: "<a>",
  startMs: atMs + startMs,
  endMs: atMs + endMs,
  fired,
  accumulator: 3,
});
const step = (line: number, timestampMs: number, more: Partial<PlayStep> = {}): PlayStep => ({
  cause: {
    kind: "line",
    line,
    elements: [{ line, stream: "s", document: `{"n":${line}}`, timestampMs: atMs + timestampMs }],
  },
  atMs,
  watermarks: { s: atMs + timestampMs - 1, slower: atMs - 1 },
  windows: [],
  fired: [],
  results: [],
  late: {},
  deadLetters: [],
  state: [],
  ...more,
});

const steps: readonly PlayStep[] = [
  step(1, 0, { windows: [window(0, 10_000), window(20_000, 30_000)] }),
  step(2, 15_000, { windows: [window(0, 30_000)] }),
  step(3, 50_000, { fired: [window(0, 30_000, true)] }),
  step(4, 1_000, {
    late: { "visits/visits": 1 },
    state: [
      { operator: "p", state: "timers", key: "k", entry: "event:due", value: atMs + 60_000 },
      { operator: "p", state: "timers", key: "k", entry: "processing:due", value: atMs },
    ],
  }),
];

describe("a timeline", () => {
  test("shows the windows that stand, those that have fired, and none that another one swallowed", () => {
    const windowsAfter = (count: number) =>
      timelineOf(steps, count).lanes.flatMap(({ windows }) =>
        windows.map(({ id, fired, isNew }) => [id, fired, isNew]),
      );
    expect(windowsAfter(1)).toEqual([
      ["0/10000", false, false],
      ["20000/30000", false, false],
    ]);
    expect(windowsAfter(2)).toEqual([["0/30000", false, false]]);
    expect(windowsAfter(3)).toEqual([["0/30000", true, true]]);
    expect(windowsAfter(4)).toEqual([["0/30000", true, false]]);
  });

  test("marks late elements, timers of event time, and the lowest watermark", () => {
    const { elements, lanes, watermarkMs } = timelineOf(steps);
    expect(elements.map(({ isLate, isNew }) => [isLate, isNew])).toEqual([
      [false, false],
      [false, false],
      [false, false],
      [true, true],
    ]);
    expect(lanes.map(({ key, timers }) => [key, timers.map(({ name }) => name)])).toEqual([
      ["<a>", []],
      ["k", ["due"]],
    ]);
    expect(watermarkMs).toBe(atMs - 1);
  });

  test("is drawn: what it says is in its label, and nothing of a document becomes markup", () => {
    const svg = timelineSvg(timelineOf(steps));
    expect(svg).toContain(
      'aria-label="Event time: 4 elements, 1 late; 1 windows, 1 fired; watermark 07:59:59.999"',
    );
    expect(svg.match(/mr-element/g)).toHaveLength(4);
    expect(svg.match(/mr-late/g)).toHaveLength(1);
    expect(svg.match(/mr-timer/g)).toHaveLength(1);
    expect(svg).toContain("visits: &lt;a&gt;");
    expect(svg).not.toContain("<a>");
    expect(svg).toContain(">08:00:30<");
  });

  test("of nothing is empty", () => {
    expect(timelineSvg(timelineOf([]))).toContain("0 elements");
  });
});

test("a transcript tells what happened with each line", () => {
  const last = step(5, 2_000, {
    cause: { kind: "end" },
    watermarks: { s: "end" },
    results: [{ target: "t", kind: "deleted", value: { id: 1 } }],
    deadLetters: [{ kind: "user-code", reason: "no", payload: "" }],
  });
  expect(transcriptOf([...steps.slice(2), last])).toBe(
    `line 3    watermark 07:59:59.999
          fires: <a> 08:00:00–08:00:30
line 4    watermark 07:59:59.999
          late: 1 for visits
end       watermark end
          dead letter: no
          t deleted: {"id":1}
`,
  );
});
