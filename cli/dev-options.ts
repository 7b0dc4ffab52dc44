import { pairOf, parseJobArguments, wholeNumber } from "./arguments.ts";
import { shownAtOnceMax } from "../dev/index.ts";
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

const definitions = {
  dir: { type: "string" },
  name: { type: "string" },
  workers: { type: "string", default: "1" },
  shards: { type: "string", default: "2" },
  "exchange-shards": { type: "string" },
  input: { type: "string", multiple: true, default: [] as string[] },
  key: { type: "string", multiple: true, default: [] as string[] },
  rate: { type: "string" },
  end: { type: "boolean", default: true },
  json: { type: "boolean", default: false },
  show: { type: "string" },
  quiet: { type: "boolean", default: false },
  "allow-dead-letters": { type: "boolean", default: false },
} as const;

const shardRange = { min: 1, max: 10_000 };

/** @throws UsageError */
export function parseDevOptions(args: readonly string[]): DevOptions {
  const { jobFile, values } = parseJobArguments("dev", args, definitions);
  const workers = wholeNumber("workers", values.workers, { min: 1, max: 256 });
  const exchangeShards = values["exchange-shards"] ?? String(Math.max(2, workers));
  const { dir, name, rate } = values;
  return {
    jobFile,
    ...(dir === undefined ? {} : { dir }),
    ...(name === undefined ? {} : { name }),
    workers,
    sourceShards: wholeNumber("shards", values.shards, shardRange),
    exchangeShards: wholeNumber("exchange-shards", exchangeShards, shardRange),
    inputs: inputsOf(values.input, values.key),
    ...(rate === undefined ? {} : { rate: wholeNumber("rate", rate, { min: 1, max: 1e9 }) }),
    endsStreams: values.end,
    json: values.json,
    show: shownOf(values),
    allowsDeadLetters: values["allow-dead-letters"],
  };
}

/** Programs get rows where they ask for them. */
const shownToPeople = 5;

function shownOf({ show, quiet, json }: ShowValues): number {
  if (quiet && show !== undefined) throw new UsageError("--quiet and --show exclude each other.");
  if (show !== undefined) return wholeNumber("show", show, { min: 0, max: shownAtOnceMax });
  return quiet || json ? 0 : shownToPeople;
}

interface ShowValues {
  readonly show?: string;
  readonly quiet: boolean;
  readonly json: boolean;
}

function inputsOf(inputs: readonly string[], keys: readonly string[]): readonly InputOption[] {
  const fields = new Map(keys.map((text) => pairOf("key", text, "<stream>=<field>")));
  const files = inputs.map((text) => pairOf("input", text, "<stream>=<file.jsonl>"));
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
