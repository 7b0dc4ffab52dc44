export type { PipelineAlarms } from "./alarms.ts";
export type { ApiFunction, PipelineApi } from "./api.ts";
export type { IMillracePipeline, JobMetric } from "./metrics.ts";
export { MillracePipeline } from "./millrace-pipeline.ts";
export type {
  ApiOptions,
  FilesBucket,
  GivenFiles,
  GivenStream,
  GivenTable,
  GivenVpc,
  JobBucket,
  MillracePipelineProps,
  ResultTable,
} from "./props.ts";
export type { PipelineStorage } from "./storage.ts";
export type { PipelineStreams } from "./streams.ts";
