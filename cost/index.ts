export { type CostLine, type Estimate, estimateCost } from "./estimate.ts";
export { prices } from "./prices.ts";
export { type Batches, batchesPerSecond, type Requests, requestsOf } from "./requests.ts";
export { defaultWorkload, type JobShape, type Workload } from "./workload.ts";
