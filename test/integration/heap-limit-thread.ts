/** Entry of a thread with a small heap: a slot whose state only grows. Tells how that ends. */
import { parentPort } from "node:worker_threads";
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

export interface HeapLimitEnd {
  readonly code: string;
  readonly message: string;
  readonly alarms: readonly string[];
  readonly batches: number;
}

interface Seen {
  readonly k: string;
}

const batchRecords = 2_000;
const batchesMax = 500;

const job = defineJob("seen", (env) => {
  env
    .source(kinesisSource({ stream: "in", schema: unchecked<Seen>() }), {
      uid: "in",
      watermarks: monotonousTimestamps(),
      partitionedBy: ({ k }) => k,
    })
    .keyBy(({ k }) => k)
    .process({
      uid: "count",
      state: { n: valueState<number>() },
      emits: elementType<Seen>(),
      onElement: (_, { state }) => state.n.set((state.n.get() ?? 0) + 1),
    })
    .sinkTo(dynamodbSink<Seen>({ table: "out", key: ["k"] }), { uid: "out" });
});

const utf8 = new TextEncoder();

async function growUntilItEnds(): Promise<HeapLimitEnd> {
  const world = await slotWorld(job);
  const [shard] = await world.ports.reader.listShards("in");
  const environment = world.environment();
  let batches = 0;
  try {
    for (; batches < batchesMax; batches++) {
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
    return { code: "none", message: "", alarms: [], batches };
  } catch (thrown) {
    const code = isMillraceError(thrown) ? thrown.code : "not ours";
    const alarms = world.alarms.map((alarm) => alarm.code);
    return { code, message: messageOf(thrown), alarms, batches };
  }
}

parentPort?.postMessage(await growUntilItEnds());
