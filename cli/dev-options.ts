import type { DevGiven } from "./commands/dev.ts";
import { UsageError } from "./usage-error.ts";

export interface DevOptions {
  readonly jobFile: string;
  readonly dir?: string;
  /** Name of the job, instead of its own. */
  readonly name?: string;
  readonly workers: number;
  readonly sourceShards: number;
  readonly exchangeShards: number;
  readonly inputs: readonly InputOption[];
  /** Records per second of each input; absent for as fast as it goes. */
  readonly rate?: number;
  /** Whether a fed stream ends with its input. */
  readonly endsStreams: boolean;
  readonly json: boolean;
  /** Rows that are shown of each table at a time. */
  readonly show: number;
  /** Dead letters are no failure. */
  readonly allowsDeadLetters: boolean;
}

export interface InputOption {
  readonly stream: string;
  /** Path of a JSON-lines file, or "-" for standard input. */
  readonly file: string;
  readonly keyField?: string;
}

/** @throws UsageError where options don't go together. */
export function devOptions({ values, args: [jobFile] }: DevGiven): DevOptions {
  const { dir, name, rate, workers } = values;
  return {
    jobFile,
    ...(dir === undefined ? {} : { dir }),
    ...(name === undefined ? {} : { name }),
    workers,
    sourceShards: values.shards,
    exchangeShards: values["exchange-shards"] ?? Math.max(2, workers),
    inputs: inputsOf(values.input, values.key),
    ...(rate === undefined ? {} : { rate }),
    endsStreams: !values["no-end"],
    json: values.json,
    show: shownOf(values),
    allowsDeadLetters: values["allow-dead-letters"],
  };
}

/** Programs get rows where they ask for them. */
const shownToPeople = 5;

function shownOf({ show, quiet, json }: DevGiven["values"]): number {
  if (quiet && show !== undefined) throw new UsageError("--quiet and --show exclude each other.");
  return show ?? (quiet || json ? 0 : shownToPeople);
}

type Pair = readonly [string, string];

function inputsOf(files: readonly Pair[], keys: readonly Pair[]): readonly InputOption[] {
  const fields = new Map(keys);
  const streams = new Set(files.map(([stream]) => stream));
  if (streams.size < files.length) throw new UsageError("--input feeds one stream twice.");
  for (const stream of fields.keys())
    if (!streams.has(stream))
      throw new UsageError(`--key names ${stream}, which no --input feeds.`);
  if (files.filter(([, file]) => file === "-").length > 1)
    throw new UsageError("--input reads standard input for two streams; it can feed one.");
  return files.map(([stream, file]) => {
    const keyField = fields.get(stream);
    return { stream, file, ...(keyField === undefined ? {} : { keyField }) };
  });
}
