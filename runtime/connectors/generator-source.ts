import type { StandardSchemaV1 } from "@standard-schema/spec";
import { jobError } from "../errors/millrace-error.ts";
import type { SourceConnector } from "../graph/connectors.ts";
import { checkSynchronous, synchronous } from "../graph/synchronous.ts";
import type { ReadResult, StreamPosition, StreamRecord } from "../ports/index.ts";
import { wholeHashSpace } from "../serde/hash-space.ts";
import type { SourceSpec, Split, SplitRead, SplitReader } from "./source-spec.ts";

export interface GeneratorSourceOptions<T> {
  /** Makes element `index`, counted from 0: pure, and called again where the element is read again. */
  readonly generate: (index: number) => T;
  /** How many elements there are. Default: it never ends. */
  readonly count?: number;
  /** Elements per second, over all splits. Default: as fast as they are taken. */
  readonly ratePerSecond?: number;
  /** Slots that generate at the same time, 1 to 1,000; each makes every so manieth element. Default: 1. */
  readonly splits?: number;
}

/** Elements that a function makes, by their numbers. */
export interface GeneratorSource<T>
  extends SourceConnector<T>, Required<Pick<GeneratorSourceOptions<T>, "generate" | "splits">> {
  /** Infinity: without end. */
  readonly count: number;
  /** Infinity: without pause. */
  readonly ratePerSecond: number;
}

const maxSplits = 1_000;

/**
 * Elements made by a function of their number, as Flink's DataGeneratorSource: for tests, load and demonstrations. Element `index` is
 * there from `index / ratePerSecond` seconds after the job began, and arrives at that time; restores and pauses don't change it.
 * @throws MillraceError `generator-invalid`, `function-asynchronous`
 */
export function generatorSource<T>(options: GeneratorSourceOptions<T>): GeneratorSource<T> {
  const { generate, count = Infinity, ratePerSecond = Infinity, splits = 1 } = options;
  if (typeof generate !== "function") throw invalid("generate is not a function");
  checkSynchronous(generate, { what: "generate" });
  if (!(count === Infinity || (Number.isSafeInteger(count) && count >= 0)))
    throw invalid(`count is ${count}`);
  if (!(ratePerSecond > 0)) throw invalid(`ratePerSecond is ${ratePerSecond}`);
  if (!(Number.isInteger(splits) && splits >= 1 && splits <= maxSplits))
    throw invalid(`splits is ${splits}`);
  return Object.freeze<GeneratorSource<T>>({
    type: "generator",
    startFrom: "earliest",
    schema: unchanged(),
    dropDuplicates: false,
    generate,
    count,
    ratePerSecond,
    splits,
  });
}

/** What a user's function makes is its own: it may give the same object twice, unlike what was parsed. */
function unchanged<T>(): StandardSchemaV1<unknown, T> {
  const validate = (value: unknown) => ({ value: value as T });
  return { "~standard": { version: 1, vendor: "millrace-generator", validate } };
}

function invalid(what: string): Error {
  return jobError("generator-invalid", {
    message: `A generator source can't be made: ${what}.`,
    next: `Give generate: (index) => value, a whole count, a positive ratePerSecond, and 1 to ${maxSplits} splits.`,
  });
}

/** A place in a split is an element's number. */
export const generatorSourceSpec: SourceSpec<GeneratorSource<unknown>> = {
  fedBy: "nobody",
  dividesHashSpace: false,
  reader: ({ source, ports: { clock } }) => generatorReader(source, () => clock.nowMs()),
  documents: ({ generate }) => ({
    split: ({ sequence }) => [sequence],
    parse: (index) => synchronous(generate(Number(index)), "generate"),
  }),
};

const noData = new Uint8Array();

function generatorReader(
  { count, ratePerSecond, splits }: GeneratorSource<unknown>,
  nowMs: () => number,
): SplitReader {
  return {
    list: () => Promise.resolve(Array.from({ length: splits }, (_, at) => splitOf(at, splits))),
    read: ({ shardId, from, maxRecords, startedMs }: SplitRead) => {
      const { first, step } = elementsOf(shardId);
      const dueMs = (index: number): number => startedMs + (index / ratePerSecond) * 1_000;
      const records: StreamRecord[] = [];
      const untilMs = nowMs();
      let index = indexBehind(from, { first, step });
      for (; index < count && records.length < maxRecords && dueMs(index) <= untilMs; index += step)
        records.push({
          sequence: String(index),
          partitionKey: "",
          data: noData,
          arrivalMs: Math.floor(dueMs(index)),
        });
      const last = records.at(-1);
      return Promise.resolve<ReadResult>({
        records,
        ended: index >= count,
        atTip: index >= count || dueMs(index) > untilMs,
        next: last === undefined ? from : { kind: "after", sequence: last.sequence },
      });
    },
  };
}

/** Its id says of how many it is one: a restored job goes on with the splits that it had, whatever their number is now. */
function splitOf(at: number, splits: number): Split {
  return { shardId: `${splits}-${at}`, ...wholeHashSpace, parents: [], closed: true };
}

function elementsOf(shardId: string): { readonly first: number; readonly step: number } {
  const [step, first] = shardId.split("-").map(Number);
  return { first: first as number, step: step as number };
}

function indexBehind(
  from: StreamPosition,
  { first, step }: { readonly first: number; readonly step: number },
): number {
  if (from.kind === "at") return Number(from.sequence);
  return from.kind === "after" ? Number(from.sequence) + step : first;
}
