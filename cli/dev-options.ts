import type { DevGiven } from "./commands/dev.ts";
import { type InputFormat, inputFormats } from "../input/input-format.ts";
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
  /** Port of the console, 0 for one that is free; absent: none is served. */
  readonly consolePort?: number;
  /** Origins whose pages may embed the job's views. */
  readonly origins: readonly string[];
  /** Dead letters are no failure. */
  readonly allowsDeadLetters: boolean;
}

export interface InputOption {
  readonly stream: string;
  /** A file, a folder or a pattern, or "-" for standard input. */
  readonly file: string;
  readonly keyField?: string;
  /** Default: what each file seems to hold. */
  readonly format?: InputFormat;
}

/** @throws UsageError where options don't go together. */
export function devOptions({ values, args: [jobFile] }: DevGiven): DevOptions {
  const { dir, name, rate, workers } = values;
  const consolePort = consolePortOf(values);
  return {
    jobFile,
    ...(dir === undefined ? {} : { dir }),
    ...(name === undefined ? {} : { name }),
    workers,
    sourceShards: values.shards,
    exchangeShards: values["exchange-shards"] ?? Math.max(2, workers),
    inputs: inputsOf(values),
    ...(rate === undefined ? {} : { rate }),
    endsStreams: !values["no-end"],
    json: values.json,
    show: shownOf(values),
    ...(consolePort === undefined ? {} : { consolePort }),
    origins: originsOf(values),
    allowsDeadLetters: values["allow-dead-letters"],
  };
}

/** Programs get rows where they ask for them. */
const shownToPeople = 5;

function shownOf({ show, quiet, json }: DevGiven["values"]): number {
  if (quiet && show !== undefined) throw new UsageError("--quiet and --show exclude each other.");
  return show ?? (quiet || json ? 0 : shownToPeople);
}

/** Who reads from a terminal can open an address; whoever runs it from a program says so. */
export function consolePortOf(values: DevGiven["values"]): number | undefined {
  const { port, json } = values;
  if (values["no-console"]) {
    if (port === undefined) return undefined;
    throw new UsageError("--no-console and --port exclude each other.");
  }
  return port ?? (process.stdout.isTTY && !json ? 0 : undefined);
}

function originsOf(values: DevGiven["values"]): readonly string[] {
  const { "allow-origin": origins } = values;
  if (origins.length > 0 && consolePortOf(values) === undefined)
    throw new UsageError("--allow-origin lets pages read from the console; serve it with --port.");
  return origins;
}

type InputValues = Pick<DevGiven["values"], "input" | "key" | "format">;

function inputsOf({ input: files, key, format }: InputValues): readonly InputOption[] {
  const fields = new Map(key);
  const formats = new Map(format.map(([stream, name]) => [stream, formatNamed(stream, name)]));
  const streams = new Set(files.map(([stream]) => stream));
  if (streams.size < files.length) throw new UsageError("--input feeds one stream twice.");
  checkFed("key", fields.keys(), streams);
  checkFed("format", formats.keys(), streams);
  if (files.filter(([, file]) => file === "-").length > 1)
    throw new UsageError("--input reads standard input for two streams; it can feed one.");
  return files.map(([stream, file]) => {
    const keyField = fields.get(stream);
    const given = formats.get(stream);
    return {
      stream,
      file,
      ...(keyField === undefined ? {} : { keyField }),
      ...(given === undefined ? {} : { format: given }),
    };
  });
}

function checkFed(option: string, named: Iterable<string>, fed: ReadonlySet<string>): void {
  for (const stream of named)
    if (!fed.has(stream))
      throw new UsageError(`--${option} names ${stream}, which no --input feeds.`);
}

function formatNamed(stream: string, name: string): InputFormat {
  const format = inputFormats.find((known) => known === name);
  if (format !== undefined) return format;
  throw new UsageError(
    `--format ${stream} is "${name}"; it takes one of ${inputFormats.join(", ")}.`,
  );
}
