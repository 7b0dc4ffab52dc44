import { expect, test } from "vitest";
import { lateElements } from "../../../../cli/warnings/late-elements.ts";
import type { RunSample } from "../../../../cli/warnings/run-sample.ts";

function sampleOf(late: number, received: number, isOver: boolean): RunSample {
  const operator = { name: "hours/hours", stage: "hours", received, late, watermarkMs: 0 };
  const rest = { idle: false, stateBytes: 0, keys: 0, deadLetters: 0 };
  const progress = {
    atMs: 0,
    records: received,
    commits: 1,
    operators: [{ ...operator, ...rest }],
  };
  return {
    plan: {} as RunSample["plan"],
    progress: { ...progress, ...rest },
    slots: [],
    elapsedMs: 0,
    isFed: true,
    isOver,
  };
}

test.each([
  [10, 1_000, false, undefined],
  [
    11,
    1_000,
    false,
    "1.1 % of the elements of hours/hours came too late and were dropped: 11 of 1,000.",
  ],
  [500, 999, false, undefined],
  [3, 103, true, "2.9 % of the elements of hours/hours came too late and were dropped: 3 of 103."],
  [0, 0, true, undefined],
])("%i late elements of %i, at the end: %s", (late, received, isOver, message) => {
  const warning = lateElements(sampleOf(late, received, isOver));
  if (message === undefined) expect(warning).toBeUndefined();
  else expect(warning?.message).toContain(message);
});
