import { namesColumns, type SourceCompression } from "../connectors/decoder.ts";
import type { DocumentFormat } from "../connectors/documents.ts";
import type { SourceConnector } from "../graph/connectors.ts";
import type { Graph } from "../graph/node.ts";
import { objectNames } from "../layout/names.ts";
import type { Plan } from "../plan/plan.ts";
import type { Ports } from "../ports/index.ts";

/** What is told of a job to those who don't have its code: plain JSON, kept beside the job's state. */
export interface JobDescription {
  readonly format: 1;
  readonly plan: Plan;
  /** By the number of a node, as it stands in the plan: `file:line:column`. */
  readonly definedAt: Readonly<Record<string, string>>;
  readonly checkpoints: DescribedCheckpoints;
  /** By the uid of a source; absent in descriptions of earlier releases. */
  readonly records?: Readonly<Record<string, DescribedRecords>>;
}

/** How the records of a source hold their documents: whoever puts a document alone makes a record of it. */
export interface DescribedRecords {
  readonly compression: SourceCompression;
  /** The first row of each record names the columns of the others. */
  readonly namesColumns: boolean;
  /** A function of the job's reads them. */
  readonly hasOwnDecoder: boolean;
  /** What is put again is passed over, since it was taken before. */
  readonly dropsDuplicates: boolean;
}

/** As the job was told; a duration without end is absent. */
export interface DescribedCheckpoints {
  readonly intervalMs?: number;
  readonly timeoutMs?: number;
  readonly minPauseMs: number;
  readonly tolerableFailures: number;
  readonly retain: number;
  readonly onCancel: "retain" | "delete";
}

export function describeJob({ nodes, options }: Graph, plan: Plan): JobDescription {
  const places = nodes.flatMap(({ id, definedAt }) =>
    definedAt === undefined ? [] : [[String(id), definedAt] as const],
  );
  const { intervalMs, timeoutMs, minPauseMs, tolerableFailures, retain, onCancel } =
    options.checkpoints;
  return {
    format: 1,
    plan,
    definedAt: Object.fromEntries(places),
    checkpoints: {
      ...(Number.isFinite(intervalMs) && { intervalMs }),
      ...(Number.isFinite(timeoutMs) && { timeoutMs }),
      minPauseMs,
      tolerableFailures,
      retain,
      onCancel,
    },
    records: Object.fromEntries(
      nodes.flatMap((node) =>
        node.kind === "source" ? [[node.uid, describeRecords(node.source)] as const] : [],
      ),
    ),
  };
}

function describeRecords({
  decoder = "json",
  compression = "none",
  dropDuplicates: dropsDuplicates,
}: SourceConnector<unknown> & Partial<DocumentFormat>): DescribedRecords {
  return {
    compression,
    namesColumns: namesColumns(decoder),
    hasOwnDecoder: typeof decoder === "function",
    dropsDuplicates,
  };
}

/** Keeps the description beside the job's state, in the place of an older one of the same plan. */
export async function writeDescription(
  { objects }: Pick<Ports, "objects">,
  description: JobDescription,
): Promise<void> {
  const { job, fingerprint } = description.plan;
  const data = new TextEncoder().encode(JSON.stringify(description));
  await objects.put(objectNames.description(job, fingerprint), data);
}

/** Undefined where nobody has written one. */
export async function readDescription(
  { objects }: Pick<Ports, "objects">,
  job: string,
  fingerprint: string,
): Promise<JobDescription | undefined> {
  const data = await objects.get(objectNames.description(job, fingerprint));
  if (data === undefined) return undefined;
  return JSON.parse(new TextDecoder().decode(data)) as JobDescription;
}
