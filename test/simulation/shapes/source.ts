import { fileSource, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  boundedOutOfOrderness,
  customWatermarks,
  type DataStream,
  type StreamEnvironment,
  type TimestampOptions,
  type WatermarkStrategy,
} from "../../../runtime/index.ts";
import { report } from "../shape.ts";
import { type Item, itemSchema, springTrap } from "./item.ts";

/** Bound of the watermarks in all shapes. */
export const boundMs = 300;

export interface ReadOptions {
  readonly idleAfterMs?: number;
  readonly dropDuplicates?: boolean;
  /** Its shards read no further apart. */
  readonly maxDriftMs?: number;
  /** The same watermarks, by a generator of its own. */
  readonly isCustom?: boolean;
  /** They are the lines of files in a folder of that name. */
  readonly isInFiles?: boolean;
}

interface Seen {
  maxMs: number;
  /** The last sequence number by producer. */
  readonly last: Record<string, number>;
}

/** Reports an item that a generator is given twice, or out of order: what it remembers is undone with the step. */
function countedWatermarks(options: TimestampOptions<Item>): WatermarkStrategy<Item> {
  return customWatermarks<Item, Seen>({
    ...options,
    initial: () => ({ maxMs: Number.NEGATIVE_INFINITY, last: {} }),
    onEvent({ id, from, seq, atMs }, { state, emitWatermark }) {
      const before = state.last[from];
      if (before !== undefined && seq <= before)
        report(`A generator was given ${id}, number ${seq} of ${from}, after ${before}.`);
      state.last[from] = seq;
      state.maxMs = Math.max(state.maxMs, atMs);
      emitWatermark(state.maxMs - boundMs - 1);
    },
  });
}

/** The items of a stream or folder, behind a map that throws on "read" traps. */
export function readItems(
  env: StreamEnvironment,
  stream: string,
  {
    idleAfterMs,
    dropDuplicates = false,
    isInFiles = false,
    isCustom = false,
    maxDriftMs,
  }: ReadOptions = {},
): DataStream<Item> {
  const source = isInFiles
    ? fileSource({ folder: stream, schema: itemSchema })
    : kinesisSource({ stream, schema: itemSchema, dropDuplicates });
  const options = {
    timestamp: (item: Item) => item.atMs,
    ...(idleAfterMs !== undefined && { idleAfter: { milliseconds: idleAfterMs } }),
    ...(maxDriftMs !== undefined && {
      alignment: { group: "items", maxDrift: { milliseconds: maxDriftMs } },
    }),
  };
  const watermarks = isCustom
    ? countedWatermarks(options)
    : boundedOutOfOrderness<Item>({ ...options, bound: { milliseconds: boundMs } });
  return env.source(source, { uid: stream, watermarks }).map((item) => {
    springTrap(item, "read");
    return item;
  });
}
