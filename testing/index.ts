export { type JobResults, runJob, type RunJobOptions } from "./run-job.ts";
export type { DeadLetter } from "../runtime/job/dead-letter.ts";
