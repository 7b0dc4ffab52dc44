/** Entry of a thread with a small heap: a slot whose state only grows. Tells how that ends. */
import { parentPort, workerData } from "node:worker_threads";
import { kinesisSource, dynamodbSink } from "../../runtime/connectors/index.ts";
import { isMillraceError, messageOf } from "../../runtime/errors/millrace-error.ts";
import {
  defineJob,
  elementType,
  monotonousTimestamps,
  unchecked,
  valueState,
} from "../../runtime/index.ts";
import { processBatch } from "../../runtime/slot/process-batch.ts";
import { slotWorld } from "./slot-world.ts";

export interface HeapLimitRun {
  readonly batchRecords: number;
  /** Numbers that the state of each key holds. */
  readonly numbers: number;
}

export interface HeapLimitEnd {
  readonly code: string;
  readonly message: string;
  readonly alarms: readonly string[];
  readonly commits: number;
}

interface Seen {
  readonly k: string;
}

const batchesMax = 500;
const { batchRecords, numbers } = workerData as HeapLimitRun;

const job = defineJob("seen", (env) => {
  env
    .source(kinesisSource({ stream: "in", schema: unchecked<Seen>() }), {
      uid: "in",
      watermarks: monotonousTimestamps(),
      partitionedBy: ({ k }) => k,
    })
    .keyBy(({ k }) => k)
    .process({
      uid: "keep",
      state: { kept: valueState<readonly number[]>() },
      emits: elementType<Seen>(),
      onElement: (_, { state }) => {
        const from = state.kept.get()?.length ?? 0;
        state.kept.set(Array.from({ length: numbers }, (_, at) => from + at + 0.5));
      },
    })
    .sinkTo(dynamodbSink<Seen>({ table: "out", key: ["k"] }), { uid: "out" });
});

const utf8 = new TextEncoder();

async function growUntilItEnds(): Promise<HeapLimitEnd> {
  const world = await slotWorld(job);
  const [shard] = await world.ports.reader.listShards("in");
  const environment = world.environment();
  const endsWith = (code: string, message: string): HeapLimitEnd => ({
    code,
    message,
    alarms: world.alarms.map((alarm) => alarm.code),
    commits: environment.events.commits,
  });
  try {
    for (let batches = 0; batches < batchesMax; batches++) {
      const records = Array.from({ length: batchRecords }, (_, index) => {
        const number = batches * batchRecords + index;
        return {
          sequence: String(1_000_000_000 + number),
          partitionKey: `k${number}`,
          data: utf8.encode(JSON.stringify({ k: `k${number}` })),
          arrivalMs: world.clock.nowMs(),
        };
      });
      await processBatch(environment, { stream: "in", shardId: shard!.shardId, records });
    }
    return endsWith("none", "");
  } catch (thrown) {
    return endsWith(isMillraceError(thrown) ? thrown.code : "not ours", messageOf(thrown));
  }
}

parentPort?.postMessage(await growUntilItEnds());
