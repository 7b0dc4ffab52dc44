export { bundleJob, type BundleJobOptions, type JobBundle } from "./bundle-job.ts";
export type { BundleKind } from "./entry-source.ts";
export { stateOfFile } from "./bundle-inputs.ts";
export { loadPlan, type LoadPlanOptions } from "./load-plan.ts";
