import { queueName } from "../plan/state-names.ts";
import type { KeyedRuntime } from "../operators/contract.ts";
import { timedBuckets } from "../operators/timed-buckets.ts";

/** Elements wait until the watermark has reached their time: then those before them are all there. */
export const elementQueue = (runtime: KeyedRuntime, uid: string) =>
  timedBuckets(runtime, { cell: { uid, name: queueName }, dueMs: (timestampMs) => timestampMs });
