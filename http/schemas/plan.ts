import * as z from "zod/mini";
import { operatorProgress } from "./job.ts";
import { count, watermark } from "./common.ts";

const changes = z.enum(["append", "upsert", "retract"]);

const plannedState = z.object({
  name: z.string(),
  /** For example "value", "map", "windows". */
  kind: z.string(),
  version: z.int(),
});

const plannedOperator = z.object({
  /** `<stage>/<uid>`, or `<stage>/<name>-<node>` where it has no uid: as in the job's status. */
  name: z.string(),
  /** For example "source", "map", "window", "sink". */
  kind: z.string(),
  uid: z.optional(z.string()),
  /** Place in the job's text, `file:line:column`, where that is known. */
  definedAt: z.optional(z.string()),
  stateful: z.boolean(),
  states: z.array(plannedState),
  /** What its functions count and measure, by name; absent where that is nothing. */
  metrics: z.optional(
    z.record(z.string(), z.object({ kind: z.string(), description: z.optional(z.string()) })),
  ),
  /** Which changes it gives. */
  gives: changes,
});

const plannedStage = z.object({
  id: z.string(),
  kind: z.enum(["source", "aligned", "exchange"]),
  /** Whose slots it runs in: a source's uid, or "exchange". */
  owner: z.string(),
  /** Fields that key it, or what is known of the key. */
  key: z.optional(z.string()),
  operators: z.array(plannedOperator),
});

/** From one operator to another. */
const plannedEdge = z.object({
  /** Names of operators. */
  from: z.string(),
  to: z.string(),
  /** "chain": a call in the same stage. "forward": in the same slot. "key" and "broadcast": over the exchange. */
  route: z.enum(["chain", "forward", "key", "broadcast"]),
  changes,
  /** Side output that it takes. */
  tag: z.optional(z.string()),
});

const viewColumn = z.object({
  name: z.string(),
  type: z.enum(["text", "number", "boolean", "time"]),
  label: z.string(),
  unit: z.optional(z.string()),
  digits: z.optional(z.int()),
});

/** docs/sinks.md says what each drawing is. */
const viewDescription = z.object({
  title: z.string(),
  columns: z.array(viewColumn),
  time: z.optional(z.string()),
  chart: z.union([
    z.object({
      kind: z.literal("table"),
      order: z.optional(z.string()),
      descending: z.optional(z.boolean()),
    }),
    z.object({
      kind: z.literal("time-series"),
      values: z.array(z.string()),
      by: z.optional(z.string()),
    }),
    z.object({
      kind: z.literal("bars"),
      label: z.string(),
      value: z.string(),
      top: z.optional(z.int()),
    }),
    z.object({ kind: z.literal("number"), value: z.string(), of: z.enum(["sum", "newest"]) }),
  ]),
});

export const plan = z.object({
  job: z.string(),
  fingerprint: z.string(),
  maxParallelism: z.int(),
  sources: z.array(
    z.object({
      uid: z.string(),
      type: z.string(),
      stream: z.string(),
      partitionedBy: z.optional(z.string()),
    }),
  ),
  sinks: z.array(
    z.object({
      uid: z.string(),
      type: z.string(),
      target: z.string(),
      keyFields: z.array(z.string()),
      guarantee: z.string(),
      /** How its rows are drawn, where the job says so. */
      view: z.optional(viewDescription),
    }),
  ),
  stages: z.array(plannedStage),
  edges: z.array(plannedEdge),
});

/** An operator with what each slot has come to. */
export const operator = z.object({
  operator: plannedOperator,
  progress: operatorProgress,
  slots: z.array(
    z.object({
      slot: z.string(),
      received: count,
      late: count,
      stateBytes: count,
      deadLetters: count,
      watermarkMs: watermark,
      idle: z.boolean(),
    }),
  ),
});

export type PlannedOperatorView = z.infer<typeof plannedOperator>;
export type PlannedEdge = z.infer<typeof plannedEdge>;
export type ViewDrawn = z.infer<typeof viewDescription>;
export type PlanView = z.infer<typeof plan>;
export type OperatorView = z.infer<typeof operator>;
