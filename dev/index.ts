export {
  createStreams,
  embeddedRuntime,
  type EmbeddedJob,
  type EmbeddedShards,
} from "../runtime/embedded/job-world.ts";
export { durablePorts, type EmbeddedPorts, memoryPorts } from "../runtime/embedded/ports.ts";
export { buildPlan } from "../runtime/planner/build-plan.ts";
export type { Plan } from "../runtime/plan/plan.ts";
export { readDeadLetters } from "../runtime/job/dead-letter-objects.ts";
export { listProgress, type SlotProgress } from "../runtime/job/progress.ts";
export {
  feedDocuments,
  type FeedDocumentsOptions,
  type FeedOptions,
  type RefusedItem,
} from "./feed-documents.ts";
export { feedLines, type FeedLinesOptions } from "./feed-lines.ts";
export { fedMemory } from "./fed-memory.ts";
export { refusedInput } from "./refused-input.ts";
export { type JobBundleOptions, type OpenedJobBundle, openJobBundle } from "./job-bundle.ts";
export {
  type EmbeddedRun,
  type EmbeddedRunOptions,
  runEmbedded,
  type SlotWorkers,
} from "./run-embedded.ts";
export { loadBundle } from "./load-bundle.ts";
export { putRecords, type RecordsToPut, type RecordWriter } from "./put-records.ts";
export { openJob, type OpenedJob, type OpenJobOptions } from "./open-job.ts";
export type { DeclaredState, StateValue } from "./declared-state.ts";
export type { AsOf, KeyRange, QueryableState, StateNow, StatesNow } from "./queryable-state.ts";
export { putAgain } from "./put-again.ts";
export { recordsPutBeside, writerBeside } from "./put-beside.ts";
export { restoreJob, type RestoreJobOptions } from "./restore-job.ts";
export type { RunReport } from "./run-report.ts";
export { type LiveJob, type Shadow, type ShadowOptions, startShadow } from "./shadow-job.ts";
export { type ComparedTable, type RowDifference } from "./shadow-rows.ts";
export { shownAtOnceMax, type WrittenRows } from "./watched-tables.ts";
