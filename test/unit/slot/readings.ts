import { dynamodbSink, kinesisSource } from "../../../runtime/connectors/index.ts";
import {
  type checkpointing,
  type DataStream,
  defineJob,
  type JobDefinition,
  type KeyedStream,
  monotonousTimestamps,
  unchecked,
} from "../../../runtime/index.ts";
import { unpackDeadLetters } from "../../../runtime/job/dead-letter-objects.ts";
import type { SlotWorld } from "../../integration/slot-world.ts";

export interface Reading {
  readonly k: string;
  readonly n: number;
  readonly atMs: number;
}

export type Readings = KeyedStream<Reading, string>;

export interface ReadingsOptions {
  /** In the source's own slots, instead of behind an exchange. Default: false. */
  readonly aligned?: boolean;
  /** Of user code that fails. Default 2. */
  readonly attempts?: number;
  /** Of the rows. Default: `k`. */
  readonly key?: readonly string[];
  readonly decoder?: "json" | "jsonLines";
  readonly checkpoints?: ReturnType<typeof checkpointing>;
  readonly timestamp?: (reading: Reading) => number;
}

export const firstShard = "shardId-000000000000";
export const kOf = ({ k }: Reading): string => k;
export const reading = (k: string, n: number, atMs = 1_000): Reading => ({ k, n, atMs });

/** Readings from the stream "in", keyed by `k`, through whatever is defined into the table "out". */
export function readingsJob<Row extends { readonly k: string }>(
  define: (readings: Readings) => Pick<DataStream<Row>, "sinkTo">,
  options: ReadingsOptions = {},
): JobDefinition {
  const { aligned = false, attempts = 2, key = ["k"], decoder = "json" } = options;
  const { timestamp = ({ atMs }) => atMs, checkpoints } = options;
  return defineJob(
    "readings",
    (env) => {
      const source = kinesisSource({ stream: "in", schema: unchecked<Reading>(), decoder });
      const readings = env.source(source, {
        uid: "in",
        watermarks: monotonousTimestamps({ timestamp }),
        ...(aligned && { partitionedBy: kOf }),
      });
      define(readings.keyBy(kOf)).sinkTo(
        dynamodbSink<Record<string, string>>({
          table: "out",
          key: key as readonly [string],
        }) as never,
        { uid: "out" },
      );
    },
    {
      maxParallelism: 4,
      restart: { kind: "fixed-delay", attempts, delayMs: 10 },
      ...(checkpoints && { checkpoints }),
    },
  );
}

/** The dead letters of the job's first generation, with the names of their objects. */
export async function lettersOf({ ports }: SlotWorld) {
  const found: { key: string; letter: Record<string, unknown> }[] = [];
  for await (const key of ports.objects.list("readings/1/dead-letters/")) {
    const data = await ports.objects.get(key);
    for (const letter of unpackDeadLetters(data!)) found.push({ key, letter: { ...letter } });
  }
  return found;
}
