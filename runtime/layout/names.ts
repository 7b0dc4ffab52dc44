/**
 * Where everything of a job lies: the key of each of its control rows and the name of each of its objects
 * (docs/protocol.md section 2). Names are never used twice, and nothing else takes them apart.
 */

/** A row of the control table that a job has one of. */
export interface RowKey {
  readonly partition: string;
  readonly sort: string;
}

const ofJob = (job: string, sort: string): RowKey => ({ partition: `${job}#job`, sort });

/** Rows that a job has one of; `epochs` one per generation. */
export const rowKeys = {
  generation: (job: string) => ofJob(job, "generation"),
  epochs: (job: string, generation: number) => ofJob(job, `epochs-${generation}`),
  lease: (job: string) => ofJob(job, "lease"),
  alignment: (job: string) => ofJob(job, "alignment"),
  pressure: (job: string) => ofJob(job, "pressure"),
  attempts: (job: string) => ofJob(job, "attempts"),
  garbage: (job: string) => ofJob(job, "garbage"),
  garbageRun: (job: string) => ofJob(job, "garbage-run"),
  tableKeys: (job: string) => ofJob(job, "table-keys"),
};

/** Partitions with a row per slot, by its name. */
export const slotRows = {
  progress: (job: string, generation: number) => `${job}#${generation}#progress`,
  deliveries: (job: string, generation: number) => `${job}#${generation}#deliveries`,
  retries: (job: string, generation: number) => `${job}#${generation}#retries`,
};

/** Partitions with rows of other kinds: a hold has a name of its own, a checkpoint of the embedded event source is by shard, what was refused of an input by stream; what was put beside one is a row of each who put. */
export const otherRows = {
  holds: (job: string) => `${job}#holds`,
  eventSource: (job: string) => `${job}#event-source`,
  samples: (job: string) => `${job}#samples`,
  events: (job: string) => `${job}#events`,
  refusedInput: (job: string) => `${job}#refused-input`,
  putBeside: (stream: string) => `${stream}#put-beside`,
};

export interface GenerationPlace {
  readonly job: string;
  readonly generation: number;
}

export interface SlotPlace extends GenerationPlace {
  readonly slot: string;
}

/** What a slot writes at a version. `id` is of this attempt alone, so that two attempts never share an object. */
export interface VersionPlace extends SlotPlace {
  readonly version: number;
  readonly id: string;
}

const versionKinds = ["bodies", "frames", "in-flight", "parts", "segments", "staged"] as const;
type VersionKind = (typeof versionKinds)[number];

const ofVersion =
  (kind: VersionKind) =>
  ({ job, generation, slot, version, id }: VersionPlace): string =>
    `${job}/${generation}/${kind}/${slot}/${version}-${id}`;

export interface EpochPlace extends GenerationPlace {
  readonly epoch: number;
}

/** Names of a job's objects. */
export const objectNames = {
  body: ofVersion("bodies"),
  frame: ofVersion("frames"),
  inFlight: ofVersion("in-flight"),
  part: ofVersion("parts"),
  segment: ofVersion("segments"),
  staged: ofVersion("staged"),
  /** A segment that a restore wrote anew: it has no version in the generation that it is for. */
  restoredSegment: (place: SlotPlace & { readonly index: number; readonly id: string }) =>
    `${place.job}/${place.generation}/segments/${place.slot}/restored-${place.index}-${place.id}`,
  manifest: (job: string, generation: number, epoch: number) =>
    `${objectPrefixes.manifests(job)}${generation}/${String(epoch).padStart(10, "0")}.json`,
  garbageList: (job: string, id: string) => `${job}/garbage/${id}.json`,
  /** What is told of a job's version to those who don't have its code. */
  description: (job: string, plan: string) => `${job}/plans/${plan}.json`,
};

/** How the names of some objects begin. */
export const objectPrefixes = {
  job: (job: string) => `${job}/`,
  manifests: (job: string) => `${job}/manifests/`,
  /** Of a slot, or of the whole generation. */
  deadLetters: ({ job, generation, slot }: GenerationPlace & { readonly slot?: string }) =>
    `${job}/${generation}/dead-letters/${slot === undefined ? "" : `${slot}/`}`,
};

/** Below which finished files appear in a job's own bucket, where no other is given: no job is called that. */
export const filesInOwnBucket = "_files/";

/** What an object is, by its name. */
export type ObjectName =
  | VersionName
  | { readonly kind: "manifest" }
  | { readonly kind: "garbage-list" }
  | { readonly kind: "dead-letters" };

export interface VersionName {
  readonly kind: VersionKind;
  readonly generation: number;
  readonly slot: string;
  /** Absent for what a restore wrote. */
  readonly version?: number;
}

/** Reads the name of an object; undefined for one that is none of ours. */
export function parseObjectName(key: string): ObjectName | undefined {
  const [, second = "", kind = "", ...rest] = key.split("/");
  if (second === "manifests") return { kind: "manifest" };
  if (second === "garbage") return { kind: "garbage-list" };
  const generation = Number(second);
  if (!Number.isInteger(generation)) return undefined;
  if (kind === "dead-letters") return { kind };
  if (!isVersionKind(kind)) return undefined;
  const name = rest.pop() ?? "";
  const version = Number.parseInt(name, 10);
  const slot = rest.join("/");
  return { kind, generation, slot, ...(Number.isNaN(version) ? {} : { version }) };
}

/** The name of what was staged, where it is visible: without the job and what it was; versions stand in their order. */
export function nameOfStaged(key: string): string {
  const [, generation, , ...rest] = key.split("/");
  const [version = "", ...id] = (rest.pop() ?? "").split("-");
  return [generation, ...rest, `${version.padStart(10, "0")}-${id.join("-")}`].join("/");
}

function isVersionKind(text: string): text is VersionKind {
  return (versionKinds as readonly string[]).includes(text);
}

/** Where an epoch stands in the store, by its manifest's name; undefined for a name that is none. */
export function placeOfManifest(key: string): EpochPlace | undefined {
  const [, job, generation, epoch] = /^([^/]+)\/manifests\/(\d+)\/(\d+)\.json$/.exec(key) ?? [];
  return job === undefined
    ? undefined
    : { job, generation: Number(generation), epoch: Number(epoch) };
}
