export {
  createStreams,
  embeddedRuntime,
  type EmbeddedJob,
  type EmbeddedShards,
} from "../runtime/embedded/job-world.ts";
export { durablePorts, type EmbeddedPorts, memoryPorts } from "../runtime/embedded/ports.ts";
export { buildPlan } from "../runtime/plan/build-plan.ts";
export type { Plan } from "../runtime/plan/plan.ts";
export { listProgress, type SlotProgress } from "../runtime/slot/progress.ts";
export { type EmbeddedRun, type EmbeddedRunOptions, runEmbedded } from "./run-embedded.ts";
