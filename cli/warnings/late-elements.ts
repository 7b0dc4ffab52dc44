import { readableCount } from "../readable.ts";
import type { RunSample, RunWarning } from "./run-sample.ts";

const shareMax = 0.01;
/** Fewer than so many say little, before the run is over. */
const receivedMin = 1_000;

/** More of an operator's elements than a stray few came too late for it. */
export function lateElements({ progress, isOver }: RunSample): RunWarning | undefined {
  const late = progress.operators.find(
    (operator) =>
      operator.late > operator.received * shareMax && (isOver || operator.received >= receivedMin),
  );
  if (late === undefined) return undefined;
  const share = ((late.late / late.received) * 100).toFixed(1);
  return {
    code: "late-elements",
    message: `${share} % of the elements of ${late.name} came too late and were dropped: ${readableCount(late.late)} of ${readableCount(late.received)}. Give the source's watermarks a larger bound, or the window allowedLateness, or take them from lateOutput.`,
  };
}
