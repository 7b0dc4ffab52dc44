import type {
  AggregateFunction,
  CoProcessDefinition,
  ProcessDefinition,
  ReduceFunction,
  WindowProcessFunction,
  WindowResultFunction,
} from "./functions.ts";
import type { MetricDeclarations } from "./metric-declarations.ts";
import type { BroadcastProcessDefinition } from "./broadcast-functions.ts";
import type { MapAsyncNode } from "./map-async.ts";
import type { SinkConnector, SourceConnector } from "./connectors.ts";
import type { IntervalJoinNode } from "./interval-join.ts";
import type { KeyFields, KeyValue } from "./key-value.ts";
import type { MultiJoinNode } from "./multi-join.ts";
import type { PatternNode } from "./pattern.ts";
import type {
  BroadcastDeclarations,
  StateDeclarations,
  StateVersion,
} from "./state-declarations.ts";
import type { RestartOptions } from "./restart-strategy.ts";
import type { MayExpire } from "./state-ttl.ts";
import type { TemporalJoinNode } from "./temporal-join.ts";
import type { WatermarkStrategy } from "./watermark-strategy.ts";
import type { WindowAssigner } from "./window-assigner.ts";
import type { WindowEvictor } from "./window-evictor.ts";
import type { WindowJoinNode } from "./window-join.ts";
import type { WindowTrigger } from "./window-trigger.ts";

/** Values of any type flow between nodes: the fluent interface keeps the types, the graph only the functions. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyValue = any;

/** Where a node's elements come from: the main output of another node, or one of its side outputs. */
export interface Edge {
  readonly from: number;
  readonly tag?: string;
}

/** What every node has. */
export interface NodeBase {
  /** Position in {@link Graph.nodes}; inputs always have lower ids. */
  readonly id: number;
  /** What explain shows, for example "filter" or "hourly". */
  readonly name: string;
  readonly inputs: readonly Edge[];
  /** Stable name given by the user. */
  readonly uid?: string;
  /** Uids that it had in earlier versions of the job, the newest first; absent: none. */
  readonly previousUids?: readonly string[];
  /** Source position where the user wrote it, for messages: "jobs/flights.ts:12:6". */
  readonly definedAt?: string;
}

export interface SourceNode extends NodeBase {
  readonly kind: "source";
  readonly uid: string;
  readonly source: SourceConnector<AnyValue>;
  readonly watermarks: WatermarkStrategy<AnyValue>;
  /** The function whose value, as text, is the partition key of every record: makes keyBy by the same function aligned. */
  readonly partitionedBy?: (value: AnyValue) => KeyValue;
}
export interface MapNode extends NodeBase {
  readonly kind: "map";
  readonly fn: (value: AnyValue) => AnyValue;
}
export interface FilterNode extends NodeBase {
  readonly kind: "filter";
  readonly fn: (value: AnyValue) => boolean;
}
export interface FlatMapNode extends NodeBase {
  readonly kind: "flatMap";
  readonly fn: (value: AnyValue) => Iterable<AnyValue>;
}
/** Makes an element of every change. */
export interface ChangelogNode extends NodeBase {
  readonly kind: "changelog";
}
export interface KeyByNode extends NodeBase {
  readonly kind: "keyBy";
  readonly select: (value: AnyValue) => KeyValue;
  /** What `select` takes, where the user named fields. */
  readonly fields?: KeyFields;
  /** All elements have one key. */
  readonly one?: true;
  /** The key says where an element goes, and nothing is kept by it. "evenly": it is made of all of the element, whatever `select` says. */
  readonly spread?: "evenly" | "custom";
}
export interface UnionNode extends NodeBase {
  readonly kind: "union";
}
export interface ProcessNode extends NodeBase {
  readonly kind: "process";
  readonly definition: ProcessDefinition<
    AnyValue,
    KeyValue,
    StateDeclarations,
    string,
    AnyValue,
    MetricDeclarations
  >;
}
/** A process function of two keyed inputs. */
export interface CoProcessNode extends NodeBase {
  readonly kind: "coProcess";
  readonly definition: CoProcessDefinition<
    AnyValue,
    AnyValue,
    KeyValue,
    StateDeclarations,
    string,
    AnyValue,
    MetricDeclarations
  >;
}
/** A process function of a keyed input, and of a second one that goes to every slot. */
export interface BroadcastProcessNode extends NodeBase {
  readonly kind: "broadcastProcess";
  /** What the second input fills. */
  readonly broadcast: BroadcastDeclarations;
  readonly definition: BroadcastProcessDefinition<
    AnyValue,
    AnyValue,
    KeyValue,
    BroadcastDeclarations,
    StateDeclarations,
    string,
    AnyValue,
    MetricDeclarations
  >;
}
/** A rolling reduce: emits the new value of its key for every element. */
export interface ReduceNode extends NodeBase, StateVersion<AnyValue>, MayExpire {
  readonly kind: "reduce";
  readonly fn: ReduceFunction<AnyValue>;
  /** Throws for a first value that nothing could be reduced with; absent: any will do. */
  readonly check?: (value: AnyValue) => void;
  /** Takes a value out again. */
  readonly retract?: ReduceFunction<AnyValue>;
}
/** Its version is that of the elements that `reduce` and `process` keep; an accumulator's stands in `aggregate`. */
export interface WindowNode extends NodeBase, StateVersion<AnyValue> {
  readonly kind: "window";
  readonly assigner: WindowAssigner<AnyValue>;
  /** Absent: windows give their result at their end. */
  readonly trigger?: WindowTrigger<AnyValue>;
  /** What its functions keep of a key, for all of its windows; absent: nothing. */
  readonly globalState?: StateDeclarations;
  /** Absent: all elements stay until the window ends. */
  readonly evictor?: WindowEvictor<AnyValue>;
  /** What a result has to do with the one before of the same window. Absent: "accumulating". */
  readonly accumulation?: Accumulation;
  readonly allowedLatenessMs: number;
  /** Tag of the side output for elements that come too late for all of their windows; absent: they are counted and dropped. */
  readonly lateTag?: string;
  readonly compute: WindowComputation;
}
/**
 * "accumulating": it takes its place. "retracting": the same, and the one before goes with it. "discarding": each is of the elements since.
 * "separate": all stand, whatever they have in common.
 */
export type Accumulation = "accumulating" | "retracting" | "discarding" | "separate";
export type WindowComputation =
  | {
      readonly kind: "reduce";
      readonly reduce: ReduceFunction<AnyValue>;
      readonly result?: WindowResultFunction<AnyValue, KeyValue, AnyValue, AnyValue>;
    }
  | {
      readonly kind: "aggregate";
      readonly aggregate: AggregateFunction<AnyValue, AnyValue, AnyValue>;
      readonly result?: WindowResultFunction<AnyValue, KeyValue, AnyValue, AnyValue>;
    }
  /** Combined: `aggregate` or `reduce` keeps the state, `process` sees its one result as the only element. */
  | {
      readonly kind: "process";
      readonly process: WindowProcessFunction<AnyValue, KeyValue, AnyValue, AnyValue>;
    };
export interface SinkNode extends NodeBase {
  readonly kind: "sink";
  readonly sink: SinkConnector<AnyValue>;
}

/** Every kind of node under its name. A module with a kind of its own adds it here, and its spec to the registry of operators. */
export interface NodeKinds {
  readonly source: SourceNode;
  readonly map: MapNode;
  readonly filter: FilterNode;
  readonly flatMap: FlatMapNode;
  readonly changelog: ChangelogNode;
  readonly keyBy: KeyByNode;
  readonly union: UnionNode;
  readonly process: ProcessNode;
  readonly coProcess: CoProcessNode;
  readonly broadcastProcess: BroadcastProcessNode;
  readonly intervalJoin: IntervalJoinNode;
  readonly windowJoin: WindowJoinNode;
  readonly temporalJoin: TemporalJoinNode;
  readonly multiJoin: MultiJoinNode;
  readonly pattern: PatternNode;
  readonly mapAsync: MapAsyncNode;
  readonly reduce: ReduceNode;
  readonly window: WindowNode;
  readonly sink: SinkNode;
}

export type Node = NodeKinds[keyof NodeKinds];

/** The logical graph of a job, as the user wrote it: frozen nodes in the order of their definition. */
export interface Graph {
  readonly job: string;
  readonly nodes: readonly Node[];
  readonly options: JobOptions;
}

export interface JobOptions extends RestartOptions {
  /** Number of key groups, a power of two from 1 to 32,768. Fixed for the life of the job's state. Default: 1024. */
  readonly maxParallelism: number;
  /** When the job's state is checkpointed as a whole. */
  readonly checkpoints: CheckpointOptions;
}

/** As in Flink's CheckpointConfig. Durations in milliseconds. */
export interface CheckpointOptions {
  /** Between the openings of two epochs; Infinity for none but savepoints. */
  readonly intervalMs: number;
  /** An epoch that has not completed by then expires. */
  readonly timeoutMs: number;
  /** At least this long between the end of one epoch and the opening of the next. */
  readonly minPauseMs: number;
  /** How many epochs in a row may expire before the alarm "epochs-failing". */
  readonly tolerableFailures: number;
  /** How many complete epochs are kept, savepoints not counted. */
  readonly retain: number;
  /** What becomes of them when the job is cancelled. */
  readonly onCancel: "retain" | "delete";
}
