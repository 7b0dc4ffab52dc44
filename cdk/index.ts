export { MillracePipeline } from "./millrace-pipeline.ts";
export type { GivenTable, MillracePipelineProps } from "./props.ts";
export type { PipelineStorage } from "./storage.ts";
export type { PipelineStreams } from "./streams.ts";
