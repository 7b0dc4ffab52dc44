import { describe, expect, test } from "vitest";
import {
  continuousEventTimeTrigger,
  continuousProcessingTimeTrigger,
  countEvictor,
  countTrigger,
  deltaEvictor,
  deltaTrigger,
  eventTimeTrigger,
  processingTimeoutTrigger,
  purgingTrigger,
  timeEvictor,
} from "../../../runtime/index.ts";
import type { WindowNode } from "../../../runtime/graph/node.ts";
import { type Harness, session, sliding, sum, tumbling, windowHarness } from "./harness.ts";

const ms = (milliseconds: number) => ({ milliseconds });
const global = { kind: "global" } as const;
const byProcessingTime = { time: "processing" } as const;
/** The gap of an element is its value. */
const byValue = { kind: "dynamic-session", gap: (value: number) => ms(value) } as const;
const apart = (one: number, other: number) => Math.abs(one - other);
const purgingAtEnd = purgingTrigger<number>(eventTimeTrigger());

type Steps = Readonly<Record<string, string>>;
type Case = Pick<WindowNode, "assigner"> &
  Partial<Pick<WindowNode, "trigger" | "evictor" | "allowedLatenessMs" | "accumulation">> & {
    /** "value@time" is an element, "w" a watermark and "p" a processing time: what Flink gave, "sum@time" each. */
    readonly steps: Steps;
  };

/** What operators of Flink 1.20.1 answered, step by step, in their own test harness. Steps that gave nothing have "". */
const cases: Record<string, Case> = {
  "a count trigger leaves what is over at the end": {
    assigner: tumbling(10),
    trigger: countTrigger(2),
    steps: { "1@1": "", "2@2": "3@9", "4@3": "", w9: "", "8@4": "" },
  },
  "a count trigger counts late elements, until the lateness is over": {
    assigner: tumbling(10),
    trigger: countTrigger(2),
    allowedLatenessMs: 5,
    steps: {
      "1@1": "",
      "2@2": "3@9",
      "4@3": "",
      w9: "",
      "8@4": "15@9",
      w13: "",
      "16@5": "",
      w14: "",
      "32@6": "",
    },
  },
  "a late element finds a purged window empty": {
    assigner: tumbling(10),
    trigger: purgingAtEnd,
    allowedLatenessMs: 5,
    steps: { "1@1": "", "2@2": "", w9: "3@9", "4@3": "4@9", "8@4": "8@9", w14: "", "16@5": "" },
  },
  "discarding is the same": {
    assigner: tumbling(10),
    accumulation: "discarding",
    allowedLatenessMs: 5,
    steps: { "1@1": "", "2@2": "", w9: "3@9", "4@3": "4@9", "8@4": "8@9", w14: "", "16@5": "" },
  },
  "merged sessions have counted together": {
    assigner: session(5),
    trigger: countTrigger(2),
    steps: { "1@0": "", "2@20": "", "4@10": "", "8@5": "13@14", "16@15": "31@24", w30: "" },
  },
  "a count that a merge has reached fires with the element": {
    assigner: session(5),
    trigger: countTrigger(4),
    steps: { "1@0": "", "1@1": "", "1@8": "", "1@9": "", "1@5": "5@13", "1@6": "" },
  },
  "sessions that were purged merge, and fire with what has come since": {
    assigner: session(5),
    trigger: purgingAtEnd,
    allowedLatenessMs: 10,
    steps: {
      "1@0": "",
      w4: "1@4",
      "2@2": "",
      w6: "2@6",
      "4@9": "",
      w13: "4@13",
      "8@7": "8@13",
      w20: "",
      w30: "",
    },
  },
  "sessions merge behind their end": {
    assigner: session(5),
    allowedLatenessMs: 10,
    steps: {
      "1@0": "",
      w4: "1@4",
      "2@2": "",
      w6: "3@6",
      "4@9": "",
      w13: "4@13",
      "8@7": "15@13",
      w30: "",
    },
  },
  "a delta is measured from the last element that fired": {
    assigner: tumbling(10),
    trigger: deltaTrigger({ threshold: 3, delta: apart }),
    steps: { "1@1": "", "3@2": "", "5@3": "9@9", "8@4": "", "9@5": "26@9", w9: "" },
  },
  "a time-out fires before the count is reached, and at the end of the window": {
    assigner: tumbling(10),
    trigger: processingTimeoutTrigger(countTrigger(3), { timeout: ms(5) }),
    steps: {
      p1: "",
      "1@1": "",
      p3: "",
      "2@2": "",
      p6: "3@9",
      "4@3": "",
      p10: "",
      p11: "7@9",
      p20: "",
      "8@4": "",
      "16@5": "",
      "32@6": "63@9",
      p30: "",
      w9: "63@9",
    },
  },
  "a time-out that begins anew with each element, and leaves the count": {
    assigner: tumbling(10),
    trigger: processingTimeoutTrigger(countTrigger(3), {
      timeout: ms(5),
      resetOnElement: true,
      clearOnTimeout: false,
    }),
    steps: {
      p1: "",
      "1@1": "",
      p3: "",
      "2@2": "",
      p6: "",
      "4@3": "7@9",
      p10: "",
      p11: "",
      "8@4": "",
      "16@5": "",
      "32@6": "63@9",
      p30: "",
      w9: "63@9",
    },
  },
  "a time-out does not purge where the count has not been reached": {
    assigner: tumbling(10),
    trigger: processingTimeoutTrigger(purgingTrigger<number>(countTrigger(3)), { timeout: ms(5) }),
    steps: {
      p1: "",
      "1@1": "",
      p3: "",
      "2@2": "",
      p6: "3@9",
      p7: "",
      "4@3": "",
      p11: "",
      "8@4": "",
      "16@5": "31@9",
      "32@6": "",
      p30: "32@9",
      w9: "32@9",
    },
  },
  "a time-out of a trigger that fires at the end takes its timer away": {
    assigner: tumbling(10),
    trigger: processingTimeoutTrigger(eventTimeTrigger(), { timeout: ms(5) }),
    steps: { p1: "", "1@1": "", p6: "1@9", "2@2": "", w9: "3@9" },
  },
  "what purges every interval gives nothing where nothing has come": {
    assigner: tumbling(10),
    trigger: purgingTrigger(continuousEventTimeTrigger({ interval: ms(4) })),
    steps: { "1@1": "", w3: "", w4: "1@9", "2@5": "", w8: "2@9", w9: "" },
  },
  "every interval of processing time, and not at the end by the watermark": {
    assigner: tumbling(10),
    trigger: continuousProcessingTimeTrigger({ interval: ms(4) }),
    steps: {
      p1: "",
      "1@1": "",
      p3: "",
      p4: "1@9",
      "2@5": "",
      p8: "3@9",
      p9: "3@9",
      p12: "",
      w9: "",
    },
  },
  "sessions whose gaps are those of their elements": {
    assigner: byValue,
    steps: { "5@0": "", "3@4": "", "1@7": "", "9@9": "", w8: "9@7", w30: "9@17" },
  },
  "a long gap merges what a short one began": {
    assigner: byValue,
    allowedLatenessMs: 2,
    steps: { "2@0": "", w1: "2@1", "9@1": "", w3: "", "3@2": "", w20: "14@9" },
  },
  "sessions of processing time with gaps of their elements": {
    assigner: { ...byValue, ...byProcessingTime },
    steps: { p1: "", "5@0": "", p3: "", "1@0": "", p5: "6@5", "4@0": "", p8: "4@8", p9: "" },
  },
  "windows of processing time know neither watermarks nor event time": {
    assigner: { ...tumbling(10), ...byProcessingTime },
    steps: {
      p3: "",
      "1@100": "",
      w200: "",
      "2@50": "",
      p8: "",
      p9: "3@9",
      "4@1": "",
      p10: "4@9",
      p18: "",
      p25: "",
    },
  },
  "sliding windows of processing time": {
    assigner: { ...sliding(10, 4), ...byProcessingTime },
    steps: { p3: "", "1@100": "", p8: "1@5", "2@50": "", p9: "3@9", p12: "", p30: "2@13 2@17" },
  },
  "sessions of processing time": {
    assigner: { ...session(5), ...byProcessingTime },
    steps: {
      p3: "",
      "1@100": "",
      p6: "",
      "2@1": "",
      p7: "",
      p9: "",
      p10: "3@10",
      "4@1": "",
      p11: "",
      "8@1": "",
      p20: "12@15",
    },
  },
  "a count trigger over windows of processing time": {
    assigner: { ...tumbling(10), ...byProcessingTime },
    trigger: countTrigger(2),
    steps: { p3: "", "1@100": "", "2@1": "3@9", "4@1": "", p9: "", "8@1": "", p10: "", "16@1": "" },
  },
  "the last two elements stay, also for late ones": {
    assigner: tumbling(10),
    evictor: countEvictor({ max: 2 }),
    allowedLatenessMs: 5,
    steps: { "1@1": "", "2@2": "", "4@3": "", w9: "6@9", "8@4": "12@9", w14: "" },
  },
  "the last two elements stay after the function has seen all": {
    assigner: tumbling(10),
    evictor: countEvictor({ max: 2, after: true }),
    allowedLatenessMs: 5,
    steps: { "1@1": "", "2@2": "", "4@3": "", w9: "7@9", "8@4": "14@9", "16@5": "28@9", w14: "" },
  },
  "elements stay that are less than the size older than the newest": {
    assigner: tumbling(10),
    evictor: timeEvictor({ size: ms(2) }),
    allowedLatenessMs: 5,
    steps: { "1@1": "", "2@5": "", "4@3": "", w9: "2@9", "8@4": "10@9", "16@8": "16@9", w14: "" },
  },
};

/** Feeds a step, and answers what came of it, "sum@time" each. That results are withdrawn is Millrace's own. */
export function step(windows: Harness, text: string): string {
  if (text.startsWith("w")) windows.watermark(Number(text.slice(1)));
  else if (text.startsWith("p")) windows.processingTime(Number(text.slice(1)));
  else {
    const [value, timeMs] = text.split("@");
    windows.element("a", Number(value), Number(timeMs));
  }
  return windows
    .take()
    .filter(({ change }) => change !== "delete")
    .map(({ value, timestampMs }) => `${String(value)}@${timestampMs}`)
    .join(" ");
}

describe("windows give what Flink's give", () => {
  test.each(Object.entries(cases))("%s", (_, { assigner, steps, ...options }) => {
    const windows = windowHarness(assigner, sum, options);
    const given = Object.keys(steps).map((text) => [text, step(windows, text)]);
    expect(Object.fromEntries(given)).toEqual(steps);
  });

  test.each(Object.entries(cases))(
    "and so does an instance that begins cold with every step: %s",
    (_, { assigner, steps, ...options }) => {
      const create = () => windowHarness(assigner, sum, options);
      let windows = create();
      const given = Object.keys(steps).map((text) => {
        const { watermarkMs, nowMs } = windows.subtask;
        windows.commit();
        const next = create();
        next.apply(windows.state.snapshot(), watermarkMs);
        next.subtask.nowMs = nowMs;
        windows = next;
        return [text, step(windows, text)];
      });
      expect(Object.fromEntries(given)).toEqual(steps);
    },
  );
});

describe("count windows give what Flink's give", () => {
  const count = (size: number): Omit<Case, "steps"> => ({
    assigner: global,
    trigger: countTrigger(size),
    accumulation: "discarding",
  });
  const values = (windows: Harness, texts: readonly string[]) =>
    texts.flatMap((text) => step(windows, text).split("@")[0] ?? []);

  test("each result is of so many elements, and nothing is kept of them", () => {
    const windows = windowHarness(global, sum, count(2));
    expect(values(windows, ["1@1", "2@2", "4@3", "8@4"])).toEqual(["", "3", "", "12"]);
    windows.commit();
    expect([windows.state.keyCount, windows.state.bytes]).toEqual([0, 0]);
  });

  test("sliding ones give a result with every so many elements, of the last ones", () => {
    const windows = windowHarness(global, sum, {
      ...count(2),
      accumulation: "separate",
      evictor: countEvictor({ max: 3 }),
    });
    const texts = ["1@1", "2@2", "4@3", "8@4", "16@5", "32@6"];
    expect(values(windows, texts)).toEqual(["", "3", "", "14", "", "56"]);
  });

  test("elements within a time of the newest, from the result before on", () => {
    const windows = windowHarness(global, sum, {
      ...count(2),
      accumulation: "separate",
      evictor: timeEvictor({ size: ms(2), after: true }),
    });
    const texts = ["1@1", "2@5", "4@3", "8@4", "16@8", "32@7"];
    expect(values(windows, texts)).toEqual(["", "3", "", "14", "", "58"]);
  });

  test("elements near the last one", () => {
    const windows = windowHarness(global, sum, {
      ...count(2),
      accumulation: "separate",
      evictor: deltaEvictor({ threshold: 3, delta: apart }),
    });
    const texts = ["1@1", "2@2", "4@3", "8@4", "9@5", "7@6"];
    expect(values(windows, texts)).toEqual(["", "3", "", "8", "", "24"]);
  });

  test("a global window that fires at the end of the input gives all of it", () => {
    const windows = windowHarness(global, sum, { trigger: eventTimeTrigger() });
    for (const text of ["1@1", "2@2", "w100", "4@3"]) expect(step(windows, text)).toBe("");
    windows.watermark(Number.POSITIVE_INFINITY);
    expect(windows.take().map(({ value }) => value)).toEqual([7]);
  });
});
