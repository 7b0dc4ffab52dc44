import type { SinkResource } from "../connectors/sink-spec.ts";
import type { Graph, SinkNode, SourceNode } from "../graph/node.ts";
import type { Plan, Stage } from "../plan/plan.ts";
import type { Ports } from "../ports/index.ts";

/** A job as one environment runs it: what to run, where, and on what. */
export interface JobRuntime {
  readonly graph: Graph;
  readonly plan: Plan;
  readonly ports: Ports;
  readonly names: PhysicalNames;
  readonly settings: SlotSettings;
}

/** What the deployment called the things that the job names; a name that isn't listed stands for itself. */
export interface PhysicalNames {
  readonly exchangeStream: string;
  readonly streams: Readonly<Record<string, string>>;
  readonly tables: Readonly<Record<string, string>>;
}

export interface SlotSettings {
  /** Places of the commit log's ring. Default 512; at least 4. */
  readonly ringSize: number;
  /** A commit body above this goes to an object. Default 8,192 bytes; at most 390,000. */
  readonly inlineMaxBytes: number;
  /** A frame above this goes to an object. Default 900,000 bytes, which a record of 1 MiB takes. */
  readonly frameInlineMaxBytes: number;
  /** A part is written after this much of state changes. Default 1 MiB. */
  readonly partDeltaBytes: number;
  /** What is collected for a sink that waits for epochs goes into an object when it has so many bytes. Default 4 MiB. */
  readonly stagedObjectBytes: number;
  /** A step ends with so many sink writes or dead letters; what is left is for the next one. Default 2,000. */
  readonly stepMaxWrites: number;
  /** A step ends with so many elements sent to other stages. Default 50,000. */
  readonly stepMaxSent: number;
  /** A step takes records, or holds opened frames, of about so many bytes. Default 8 MiB. */
  readonly stepMaxBytes: number;
  /** Records taken by one self-read. Default 5,000. */
  readonly selfReadMaxRecords: number;
  /** A self-read passes over empty answers for this long; what is not found by then is left to the next batch. Default 20,000 ms. */
  readonly selfReadMaxMs: number;
  /** Source slots wait while the exchange is further behind than this and two of its batching windows. Default 10,000 ms. */
  readonly exchangeLagMaxMs: number;
  /** How long a batch is gathered before a slot gets it: the window of Lambda's mappings. Default 0 ms. */
  readonly batchWindowMs: number;
  /** The longest that a source slot waits for the exchange in one invocation. Default 5,000 ms. */
  readonly backpressureWaitMaxMs: number;
  /** Margin for clock skew between the stream and the generation's publication. Default 60,000 ms. */
  readonly fenceSkewMs: number;
  /** Images of slots that an environment keeps at most, however much memory there is. Default 64. */
  readonly imagesMax: number;
}

export const defaultSlotSettings: SlotSettings = {
  ringSize: 512,
  inlineMaxBytes: 8_192,
  frameInlineMaxBytes: 900_000,
  partDeltaBytes: 1_048_576,
  stagedObjectBytes: 4_194_304,
  stepMaxWrites: 2_000,
  stepMaxSent: 50_000,
  stepMaxBytes: 8_388_608,
  selfReadMaxRecords: 5_000,
  selfReadMaxMs: 20_000,
  exchangeLagMaxMs: 10_000,
  batchWindowMs: 0,
  backpressureWaitMaxMs: 5_000,
  fenceSkewMs: 60_000,
  imagesMax: 64,
};

export function physicalStream(names: PhysicalNames, logical: string): string {
  return names.streams[logical] ?? logical;
}

/** What the deployment called something that a sink writes. */
export function physicalName(names: PhysicalNames, { kind, name }: SinkResource): string {
  if (kind === "folder" || kind === "log") return name;
  return kind === "table" ? (names.tables[name] ?? name) : physicalStream(names, name);
}

/** The stage in which a source is read; undefined where the plan has none of it. */
export function stageOfSource(
  { stages }: Pick<Plan, "stages">,
  uid: string | undefined,
): Stage | undefined {
  return stages.find(({ kind, source }) => kind === "source" && source === uid);
}

export function sourceNodeOf(job: JobRuntime, uid: string): SourceNode {
  const node = job.graph.nodes.find(
    (candidate) => candidate.kind === "source" && candidate.uid === uid,
  );
  if (node?.kind !== "source") throw new Error(`The graph has no source "${uid}".`);
  return node;
}

export function sinkNodeOf(job: JobRuntime, uid: string): SinkNode {
  const node = job.graph.nodes.find(
    (candidate) => candidate.kind === "sink" && candidate.uid === uid,
  );
  if (node?.kind !== "sink") throw new Error(`The graph has no sink "${uid}".`);
  return node;
}
