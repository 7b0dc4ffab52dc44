import { messageOf } from "../errors/millrace-error.ts";
import { sampleOfRows } from "../observe/history.ts";
import { sampleRecorder } from "../observe/samples.ts";
import type { CoordinatorOptions } from "./options.ts";
import type { RoundView } from "./round.ts";

/**
 * Writes down what a job has come to when it is time, for those who look at it later. It reads nothing for it; answers what is settled when that is written, and never
 * rejected: a store that is busy costs a sample, and no round.
 */
export function sampleWrites({ job, settings }: CoordinatorOptions) {
  const { ports, plan } = job;
  const { sampleEveryMs } = settings;
  const record = sampleRecorder(ports, plan.job);
  let takenMs = Number.NEGATIVE_INFINITY;
  let isWriting = false;
  return (view: RoundView, exchangeLagMs: number): Promise<void> | undefined => {
    const { progress, generation, nowMs } = view;
    if (isWriting || sampleEveryMs === Infinity || nowMs - takenMs < sampleEveryMs)
      return undefined;
    takenMs = nowMs;
    isWriting = true;
    const about = { generation: generation.generation, nowMs, exchangeLagMs };
    return record(sampleOfRows(progress, about))
      .catch((thrown: unknown) =>
        ports.telemetry.log("warn", "a sample was not written", { error: messageOf(thrown) }),
      )
      .finally(() => (isWriting = false));
  };
}
