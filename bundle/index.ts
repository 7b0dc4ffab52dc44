export { bundleJob, type BundleJobOptions, type JobBundle } from "./bundle-job.ts";
export { filesOfJob } from "./files-of-job.ts";
export type { BundleKind } from "./entry-source.ts";
export { loadPlan, type LoadPlanOptions } from "./load-plan.ts";
