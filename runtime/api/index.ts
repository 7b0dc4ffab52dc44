export type * from "../graph/change.ts";
export type * from "../graph/functions.ts";
export type * from "../graph/broadcast-functions.ts";
export type {
  IntervalJoinContext,
  IntervalJoinFunction,
  JoinType,
} from "../graph/interval-join.ts";
export type { Duration } from "../graph/duration.ts";
export type {
  SinkConnector,
  SinkGuarantee,
  SinkWrite,
  SourceConnector,
  StartFrom,
} from "../graph/connectors.ts";
export type { CheckpointOptions, JobOptions } from "../graph/node.ts";
export type { RestartStrategy } from "../graph/restart-strategy.ts";
export type { CallContext, CallFunction } from "../graph/map-async.ts";
export type { MultiJoinContext, MultiJoinFunction } from "../graph/multi-join.ts";
export type { TemporalJoinContext, TemporalJoinFunction } from "../graph/temporal-join.ts";
export type { KeyValue } from "../graph/key-value.ts";
export type * from "../graph/metric-declarations.ts";
export type { MetricValue, MetricValues } from "../graph/metric-values.ts";
export type * from "../graph/resource.ts";
export type * from "../graph/state-declarations.ts";
export type * from "../graph/state-ttl.ts";
export type { ViewChart, ViewColumn, ViewColumnType, ViewDescription } from "../graph/view.ts";
export type { ViewColumnOptions, ViewColumns, ViewOptions } from "../connectors/view-sink.ts";
export type { EventTime } from "../graph/event-time.ts";
export type {
  WatermarkContext,
  WatermarkGenerator,
  WatermarkStrategy,
} from "../graph/watermark-strategy.ts";
export type { WindowAssigner } from "../graph/window-assigner.ts";
export type { CoGroupFunction, LeftOrRight, WindowJoinFunction } from "../graph/window-join.ts";
export type { EvictorContext, Timestamped, WindowEvictor } from "../graph/window-evictor.ts";
export type * from "../graph/window-trigger.ts";
export { type OutputTag, outputTag } from "../graph/output-tag.ts";
export { isMillraceError, MillraceError } from "../errors/millrace-error.ts";
export type {
  BroadcastConnectedStream,
  BroadcastProcessOptions,
  BroadcastStream,
} from "./broadcast-stream.ts";
export { checkpointing, type CheckpointingOptions } from "./checkpointing.ts";
export type { DataStream, ResultStream, SinkOptions } from "./data-stream.ts";
export { type ElementType, elementType } from "./element-type.ts";
export { countEvictor, deltaEvictor, timeEvictor } from "./evictors.ts";
export type { SourceOptions, StreamEnvironment } from "./environment.ts";
export type { IntervalJoinedStreams, IntervalJoinOptions } from "./interval-join.ts";
export type {
  AfterMatch,
  MatchContext,
  PartialMatch,
  PatternOf,
  PatternProcessContext,
} from "../graph/pattern.ts";
export type { PatternOptions, PatternProcessFunction, PatternStream } from "./pattern-stream.ts";
export type { KeyFieldOf } from "./key-fields.ts";
export { defineJob, isJobDefinition, type JobDefinition } from "./job.ts";
export type {
  ConnectedStreams,
  CountWindowOptions,
  CoProcessOptions,
  KeyedStream,
  OperatorOptions,
  ProcessOptions,
  ReduceOptions,
  WindowOptions,
} from "./keyed-stream.ts";
export {
  counter,
  gauge,
  type GaugeOptions,
  histogram,
  type HistogramOptions,
  meter,
  type MetricOptions,
} from "./metrics.ts";
export type { CallRetryOptions, MapAsyncOptions } from "./map-async.ts";
export { resource } from "./resource.ts";
export {
  exponentialDelay,
  type ExponentialDelayOptions,
  failureRate,
  type FailureRateOptions,
  fixedDelay,
  type FixedDelayOptions,
  noRestart,
} from "./restart.ts";
export type {
  ComparableFieldOf,
  ExtremeByOptions,
  RollingAggregates,
  RollingOptions,
  SummableFieldOf,
  SumOptions,
} from "./rolling.ts";
export {
  aggregatingState,
  listState,
  mapState,
  reducingState,
  type StateOptions,
  valueState,
} from "./state.ts";
export type {
  JoinedRows,
  JoinedStream,
  JoinedStreams,
  JoinedValues,
  MultiJoinedStreams,
  MultiJoinOptions,
} from "./multi-join.ts";
export type { TemporalJoinedStreams, TemporalJoinOptions } from "./temporal-join.ts";
export {
  continuousEventTimeTrigger,
  continuousProcessingTimeTrigger,
  countTrigger,
  customTrigger,
  deltaTrigger,
  eventTimeTrigger,
  processingTimeoutTrigger,
  processingTimeTrigger,
  purgingTrigger,
  type TimeoutOptions,
} from "./triggers.ts";
export { unchecked } from "./unchecked.ts";
export {
  boundedOutOfOrderness,
  type BoundedOptions,
  customWatermarks,
  type CustomWatermarksOptions,
  monotonousTimestamps,
  noWatermarks,
  type TimestampOptions,
} from "./watermarks.ts";
export type {
  CoGroupedStreams,
  CoGroupOptions,
  WindowJoinedStreams,
  WindowJoinOptions,
} from "./window-join.ts";
export type { WindowedStream } from "./windowed-stream.ts";
export {
  type CumulativeOptions,
  type CalendarOptions,
  calendarWindows,
  cumulativeWindows,
  type DynamicSessionOptions,
  dynamicSessionWindows,
  globalWindows,
  type SessionOptions,
  sessionWindows,
  type SlidingOptions,
  slidingWindows,
  type TumblingOptions,
  tumblingWindows,
} from "./windows.ts";
