import { fileSource, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  boundedOutOfOrderness,
  type DataStream,
  type StreamEnvironment,
} from "../../../runtime/index.ts";
import { type Item, itemSchema, springTrap } from "./item.ts";

/** Bound of the watermarks in all shapes. */
export const boundMs = 300;

export interface ReadOptions {
  readonly idleAfterMs?: number;
  readonly dropDuplicates?: boolean;
  /** They are the lines of files in a folder of that name. */
  readonly isInFiles?: boolean;
}

/** The items of a stream or folder, behind a map that throws on "read" traps. */
export function readItems(
  env: StreamEnvironment,
  stream: string,
  { idleAfterMs, dropDuplicates = false, isInFiles = false }: ReadOptions = {},
): DataStream<Item> {
  const source = isInFiles
    ? fileSource({ folder: stream, schema: itemSchema })
    : kinesisSource({ stream, schema: itemSchema, dropDuplicates });
  const watermarks = boundedOutOfOrderness<Item>({
    timestamp: (item) => item.atMs,
    bound: { milliseconds: boundMs },
    ...(idleAfterMs !== undefined && { idleAfter: { milliseconds: idleAfterMs } }),
  });
  return env.source(source, { uid: stream, watermarks }).map((item) => {
    springTrap(item, "read");
    return item;
  });
}
