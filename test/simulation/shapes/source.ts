import { kinesisSource } from "../../../runtime/connectors/index.ts";
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
}

/** The items of a stream, behind a map that throws on "read" traps. */
export function readItems(
  env: StreamEnvironment,
  stream: string,
  { idleAfterMs, dropDuplicates = false }: ReadOptions = {},
): DataStream<Item> {
  const source = kinesisSource({ stream, schema: itemSchema, dropDuplicates });
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
