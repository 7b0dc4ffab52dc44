import { describe, expect, test } from "vitest";
import {
  continuousEventTimeTrigger,
  cumulativeWindows,
  type Duration,
  sessionWindows,
  slidingWindows,
  tumblingWindows,
} from "../../../runtime/index.ts";

const refused = (code: string, message: RegExp) =>
  expect.objectContaining({ code, message: expect.stringMatching(message) });

describe("windows", () => {
  test("are plain data in milliseconds", () => {
    expect(tumblingWindows({ size: { hours: 1 } })).toEqual({
      kind: "tumbling",
      sizeMs: 3_600_000,
      offsetMs: 0,
    });
    expect(
      slidingWindows({ size: { minutes: 5 }, slide: { minutes: 1 }, offset: { seconds: -30 } }),
    ).toEqual({ kind: "sliding", sizeMs: 300_000, slideMs: 60_000, offsetMs: -30_000 });
    expect(sessionWindows({ gap: { minutes: 30, seconds: 1 } })).toEqual({
      kind: "session",
      gapMs: 1_801_000,
    });
  });

  test("have triggers that are plain data as well", () => {
    expect(continuousEventTimeTrigger({ interval: { minutes: 1 } })).toEqual({
      kind: "continuous-event-time",
      intervalMs: 60_000,
    });
    expect(() => continuousEventTimeTrigger({ interval: {} })).toThrow(
      refused("window-invalid", /interval of a trigger is 0 ms/),
    );
  });

  test("may grow in steps that their size is a multiple of", () => {
    const cumulative = cumulativeWindows({ size: { days: 1 }, step: { hours: 6 } });
    const offsetMs = 0;
    expect(cumulative).toEqual({
      kind: "cumulative",
      sizeMs: 86_400_000,
      stepMs: 21_600_000,
      offsetMs,
    });
    expect(() => cumulativeWindows({ size: { hours: 1 }, step: { minutes: 7 } })).toThrow(
      refused("window-invalid", /3600000 ms, which is no multiple of its step, 420000 ms/),
    );
    expect(() => cumulativeWindows({ size: { days: 1 }, step: { milliseconds: 1 } })).toThrow(
      refused("window-invalid", /it may be 10000 times at most/),
    );
  });

  test("may slide by more than their size", () => {
    const sliding = slidingWindows({ size: { minutes: 1 }, slide: { minutes: 5 } });
    expect(sliding).toMatchObject({ sizeMs: 60_000, slideMs: 300_000 });
  });

  test("that would take an element more than 10,000 times are refused: a slot would not come to an end with it", () => {
    const size = { seconds: 10 };
    expect(slidingWindows({ size, slide: { milliseconds: 1 } })).toMatchObject({ slideMs: 1 });
    expect(() => slidingWindows({ size: { days: 1 }, slide: { milliseconds: 1 } })).toThrow(
      refused("window-invalid", /86400000 times/),
    );
  });

  test.each<Duration>([{}, { hours: 0 }, { minutes: -1 }])("of the size %j are refused", (size) => {
    const hour = { hours: 1 };
    expect(() => tumblingWindows({ size })).toThrow(refused("window-invalid", /size/));
    expect(() => slidingWindows({ size, slide: hour })).toThrow(refused("window-invalid", /size/));
    expect(() => slidingWindows({ size: hour, slide: size })).toThrow(
      refused("window-invalid", /slide/),
    );
    expect(() => sessionWindows({ gap: size })).toThrow(refused("window-invalid", /gap/));
  });

  test.each([60, -60, 90])("with an offset of %d minutes in an hour are refused", (minutes) => {
    const offset = { minutes };
    expect(() => tumblingWindows({ size: { hours: 1 }, offset })).toThrow(
      refused("window-invalid", /smaller than the size/),
    );
    expect(() => slidingWindows({ size: { days: 1 }, slide: { hours: 1 }, offset })).toThrow(
      refused("window-invalid", /smaller than the slide/),
    );
  });

  test("of a fraction of a millisecond are refused", () => {
    expect(() => tumblingWindows({ size: { milliseconds: 0.5 } })).toThrow(
      refused("duration-invalid", /not a duration/),
    );
  });
});
