export { harness, type Harness, type HarnessInput, type HarnessOptions } from "./harness.ts";
export type { HarnessResults } from "./harness-job.ts";
export type { HarnessSnapshot } from "./harness-snapshot.ts";
export type { HarnessOutput } from "./harness-stages.ts";
export type { HarnessState, HarnessTimer } from "./harness-views.ts";
export { type JobResults, runJob, type RunJobOptions } from "./run-job.ts";
export { checkJob } from "./check-job.ts";
export type { DeadLetter } from "../runtime/job/dead-letter.ts";
export { simulateJob, type SimulateJobOptions, type Simulation } from "./simulate-job.ts";
