import { expect, test } from "vitest";
import { timeOfEpochMs } from "../../../runtime/coordinator/epoch-time.ts";

test("each epoch that expired gives the next one twice its time, up to eight times the setting", () => {
  const timesMs = [0, 1, 2, 3, 4, 400].map((failures) =>
    timeOfEpochMs({ timeoutMs: 10_000 }, failures),
  );
  expect(timesMs).toEqual([10_000, 20_000, 40_000, 80_000, 80_000, 80_000]);
});
