import { namesIn } from "./aws-names.ts";
import type { storeOptionDefinitions } from "./commands/store-options.ts";
import type { ValuesOf } from "./definition/option.ts";
import { deployedVariables } from "./deployment-outputs.ts";
import { UsageError } from "./usage-error.ts";

/** What is typed of the options that lead to a store. */
export type StoreValues = Partial<ValuesOf<typeof storeOptionDefinitions>>;
type Variables = Readonly<Record<string, string | undefined>>;

export type StorePlace =
  | { readonly kind: "embedded"; readonly dir: string }
  | {
      readonly kind: "aws";
      readonly table: string;
      readonly bucket: string;
      readonly prefix?: string;
      /** Where finished files appear; absent: in the bucket. */
      readonly files?: { readonly bucket: string; readonly prefix: string };
      readonly region?: string;
      /** What calls a stream is found by, by its name in AWS; absent: the name. */
      readonly streamName?: (stream: string) => string;
    };

export interface StoreOptions {
  readonly place: StorePlace;
  /** Absent where the store is to tell. */
  readonly job?: string;
  readonly json: boolean;
}

/**
 * What the options, or else the variables that the construct gives to its functions, say.
 * @throws UsageError
 */
export function storeOptions(
  values: StoreValues,
  variables: Variables = deployedVariables(values),
): StoreOptions {
  const job = text(values.job) ?? text(variables["MILLRACE_JOB"]);
  const isOwn = values.dir !== undefined;
  return {
    place: placeOf(values, variables),
    // A folder's only job needs no name; the variable belongs to a deployment.
    ...(job === undefined || (isOwn && values.job === undefined) ? {} : { job }),
    json: values.json === true,
  };
}

function placeOf(values: StoreValues, variables: Variables): StorePlace {
  const dir = text(values.dir);
  if (dir !== undefined) {
    for (const option of ["outputs", "table", "bucket", "prefix", "region"] as const)
      if (values[option] !== undefined)
        throw new UsageError(`--dir and --${option} exclude each other.`);
    return { kind: "embedded", dir };
  }
  const table = text(values.table) ?? text(variables["MILLRACE_TABLE"]);
  const bucket = text(values.bucket) ?? text(variables["MILLRACE_BUCKET"]);
  if (table === undefined && bucket === undefined)
    throw new UsageError(
      "it is not said where the job is: --dir <folder>, --outputs <file>, or --table <name> and --bucket <name>.",
    );
  if (table === undefined) throw new UsageError("--bucket needs --table.");
  if (bucket === undefined) throw new UsageError("--table needs --bucket.");
  const prefix = text(values.prefix);
  const filesBucket = text(variables["MILLRACE_FILES_BUCKET"]);
  const region =
    text(values.region) ??
    (values.outputs === undefined ? undefined : text(variables["AWS_REGION"]));
  return {
    kind: "aws",
    table,
    bucket,
    ...(prefix === undefined ? {} : { prefix }),
    ...(filesBucket === undefined
      ? {}
      : { files: { bucket: filesBucket, prefix: variables["MILLRACE_FILES_PREFIX"] ?? "" } }),
    ...(region === undefined ? {} : { region }),
    ...foreignStreams(variables),
  };
}

/** Streams of other accounts are called by their ARNs. */
export function foreignStreams(variables: Variables): {
  readonly streamName?: (stream: string) => string;
} {
  if (text(variables["MILLRACE_STREAM_ARNS"]) === undefined) return {};
  const arns = namesIn(variables, "MILLRACE_STREAM_ARNS");
  return { streamName: (stream) => arns[stream] ?? stream };
}

function text(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

/** The options that lead to the same store again, for messages. */
export function placeText(place: StorePlace): string {
  if (place.kind === "embedded") return `--dir ${place.dir}`;
  const { table, bucket, prefix } = place;
  return `--table ${table} --bucket ${bucket}${prefix === undefined ? "" : ` --prefix ${prefix}`}`;
}
