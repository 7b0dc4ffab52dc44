import type { MetricDeclarations } from "../graph/metric-declarations.ts";
import type { TtlTime } from "../graph/state-ttl.ts";
import type { ChangelogMode } from "../graph/change.ts";
import type { SinkGuarantee, StartFrom } from "../graph/connectors.ts";
import type { KeyType } from "../ports/keyed-table.ts";
import type { ViewDescription } from "../graph/view.ts";
import type { WatermarkAlignment } from "../graph/watermark-strategy.ts";
import type { WindowAssigner } from "../graph/window-assigner.ts";

/** How a job runs: plain JSON, read by the runtime, the CLI, the CDK construct and the compatibility check. */
export interface Plan {
  readonly format: 1;
  readonly job: string;
  /** Hash of everything in the plan that state, frames and commits depend on: 16 hex digits. */
  readonly fingerprint: string;
  readonly maxParallelism: number;
  readonly sources: readonly PlannedSource[];
  /** Topological: a stage's inputs come from earlier stages. */
  readonly stages: readonly Stage[];
  readonly sinks: readonly PlannedSink[];
}

export interface PlannedSource {
  readonly uid: string;
  /** Uids that it had before, the newest first; absent: none. */
  readonly previousUids?: readonly string[];
  /** Which of the specs in `connectors/sources.ts` it has. */
  readonly type: string;
  /** Name of the stream that it reads; of a source that reads none, what its slots are found by. */
  readonly stream: string;
  readonly startFrom: StartFrom;
  readonly partitionedBy: boolean;
  /** The field that it takes, where that is known to be just one. No part of the fingerprint. */
  readonly partitionField?: string;
  readonly idleAfterMs?: number;
  /** How often its generator of watermarks runs where nothing comes; absent: not at all. No part of the fingerprint. */
  readonly watermarkEveryMs?: number;
  /** Which sources it waits for. No part of the fingerprint. */
  readonly alignment?: WatermarkAlignment;
}

export interface PlannedSink {
  readonly uid: string;
  readonly previousUids?: readonly string[];
  readonly type: string;
  readonly target: string;
  readonly keyFields?: readonly string[];
  /** Types of `keyFields`, in their order; absent where the sink declares none. No part of the fingerprint: rows stay the same. */
  readonly keyTypes?: readonly KeyType[];
  readonly guarantee: SinkGuarantee;
  /** How its rows are drawn. No part of the fingerprint. */
  readonly view?: ViewDescription;
}

/** A chain (a tree, in fact) of operators that run in one call. */
export interface Stage {
  /** Stable over changes elsewhere: the uid of its first operator that has one; unique in the plan. */
  readonly id: string;
  /**
   * "source": fed by the records of a stream, in its slots. "aligned": keyed, fed in the same slot by the source stage.
   * "exchange": keyed, fed by frames in the job's exchange slots.
   */
  readonly kind: "source" | "aligned" | "exchange";
  /** Uid of the source in whose slots it runs ("source" and "aligned" stages only). */
  readonly source?: string;
  /** Stages that feed it by any of its inputs ("aligned" and "exchange"): its own watermark is the minimum of theirs. */
  readonly upstream: readonly string[];
  /** The node that keys its (first) input ("aligned" and "exchange"): a keyBy node, or the sink node whose key it is. */
  readonly keyedBy?: StageKey;
  /** Where a stage has more than one input, all of them, in order. See {@link inputsOf}. */
  readonly inputs?: readonly StageInput[];
  /** Topological. `inputs` name operators of this stage; "input" is what the stage is fed with. */
  readonly operators: readonly PlannedOperator[];
}

/** One of the streams that a stage is fed with. */
export interface StageInput {
  /**
   * How elements come: "key" over the exchange, to the slot that owns their key; "broadcast" over the exchange to all slots; "forward"
   * from the source stage in the same slot.
   */
  readonly route: "key" | "broadcast" | "forward";
  readonly upstream: readonly string[];
  /** What keys it; a broadcast has no key. */
  readonly keyedBy?: StageKey;
  /** Which changes come; absent: "append". */
  readonly mode?: ChangelogMode;
}

/** The inputs of a keyed stage: most have one. A source stage has none, its records are its own. */
export function inputsOf({ kind, upstream, keyedBy, inputs }: Stage): readonly StageInput[] {
  if (inputs !== undefined) return inputs;
  if (keyedBy === undefined) return [];
  return [{ route: kind === "exchange" ? "key" : "forward", upstream, keyedBy }];
}

/** By which function an input of a stage is keyed. */
export interface StageKey {
  /** Graph node: a keyBy, or a sink before which the planner put an exchange on the sink's key. */
  readonly node: number;
  readonly kind: "keyBy" | "sink";
  /** Names of the fields that make up the key, where they are named or the selector could be seen to take just these; in order. */
  readonly fields?: readonly string[];
  /** They were seen in a function. No part of the fingerprint: the keys are the same. */
  readonly seen?: true;
  /** All elements have one key, and come to one slot. No part of the fingerprint. */
  readonly one?: true;
  /** It says where elements go, and nothing is kept by it: made of all of the element, or by a function of the user's. */
  readonly spread?: "evenly" | "custom";
  /** The key is an array of that one field: not the same key as the field itself. */
  readonly tuple?: true;
}

export interface PlannedOperator {
  /** Graph node that it runs. A stateless node can stand in several stages. */
  readonly node: number;
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
  readonly previousUids?: readonly string[];
  readonly inputs: readonly OperatorInput[];
  /** Which changes it takes, and which it gives; absent: "append". */
  readonly takes?: ChangelogMode;
  readonly gives?: ChangelogMode;
  /** Stages that this operator's outputs are sent to. */
  readonly sends: readonly OperatorSend[];
  readonly stateful: boolean;
  /** What it keeps for each key, in the order of the names; absent where it keeps nothing. */
  readonly states?: readonly PlannedState[];
  /** What its functions count and measure, by name; absent where that is nothing. No part of the fingerprint. */
  readonly metrics?: MetricDeclarations;
}

/** One state of an operator, of a key or broadcast: a cell "uid/name" in deltas. */
export interface PlannedState {
  readonly name: string;
  readonly kind: StateKind;
  /** Version of the user's values in it: 1 where the user gave none, or has no values in it. */
  readonly version: number;
  /** The job can read what lower versions wrote. */
  readonly migrates?: true;
  /** Names of the timers, in order ("timers" only). */
  readonly timers?: readonly string[];
  /** By which time entries expire ("expiring-value", "-list" and "-map" only). */
  readonly ttl?: TtlTime;
  /** Which windows they are and what is kept of one ("windows" and "sessions" only). */
  readonly window?: PlannedWindow;
}

/**
 * "value", "list" and "map" are declared by users, and a reduce keeps a "value"; where they have a time to live the time of its last use stands before each
 * value. "timers" are those of a process function. A "broadcast" is a
 * map of which each slot has a copy.
 * Windows keep "windows" or "sessions", and beside them their elements where a window is processed as a whole, with their times where an evictor asks
 * for them, and "window-timers" where a trigger sets them. A join keeps a "join-buffer" for each of its inputs, or "join-versions", or "join-rows". A pattern keeps the
 * elements that wait for the watermark, those that matches have taken, and the matches.
 */
export type StateKind =
  | "value"
  | "list"
  | "map"
  | "expiring-value"
  | "expiring-list"
  | "expiring-map"
  | "broadcast"
  | "timers"
  | "join-buffer"
  | "join-versions"
  | "join-rows"
  | "pattern-queue"
  | "pattern-events"
  | "pattern-nodes"
  | "pattern-matches"
  | "windows"
  | "sessions"
  | "window-elements"
  | "session-elements"
  | "timed-elements"
  | "window-timers";

export interface PlannedWindow {
  readonly assigner: PlannedAssigner;
  readonly compute: "aggregate" | "reduce" | "process";
  /** Their timers are kept beside them: the trigger sets them as it likes. */
  readonly triggered?: true;
  /** What that trigger keeps of a window; absent in what earlier releases saved. */
  readonly trigger?: string;
  /** Their elements are kept, whatever is computed, for an evictor. */
  readonly evicts?: true;
}

/** An assigner as data: the gap of an element can't be known. */
export type PlannedAssigner =
  | Exclude<WindowAssigner, { readonly kind: "dynamic-session" }>
  | Omit<Extract<WindowAssigner, { readonly kind: "dynamic-session" }>, "gap">;

/** Where an output of an operator is sent to. */
export interface OperatorSend {
  readonly stage: string;
  /** Which of the stage's inputs it is; absent: the first. */
  readonly input?: number;
  /** Side output of the operator. */
  readonly tag?: string;
}

export interface OperatorInput {
  /** Graph node of the operator in the same stage, or "input". */
  readonly from: number | "input";
  /** Which of the stage's inputs it is, where `from` is "input"; absent: the first. */
  readonly input?: number;
  /** Side output of that operator. */
  readonly tag?: string;
}

/** How names of exchange slots begin; those of source slots begin with the source's uid (docs/protocol.md, section 2). */
export const exchangeSlots = "exchange";
