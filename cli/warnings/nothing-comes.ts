import { readsStream } from "../../runtime/connectors/sources.ts";
import type { RunSample, RunWarning } from "./run-sample.ts";

const afterMs = 5_000;

/** A job of streams that nobody feeds waits for ever, and looks as if it did something. */
export function nothingComes({
  plan,
  progress,
  elapsedMs,
  isFed,
  isOver,
}: RunSample): RunWarning | undefined {
  if (isOver || isFed || elapsedMs < afterMs || progress.records > 0) return undefined;
  if (!plan.sources.every(readsStream)) return undefined;
  const streams = plan.sources.map(({ stream }) => stream);
  return {
    code: "nothing-comes",
    message: `Nothing comes: the job reads ${streams.join(", ")}, and no --input feeds ${streams.length === 1 ? "it" : "them"}. Stop, and add --input ${streams[0]}=<file>; or put records from another terminal with millrace put.`,
  };
}
