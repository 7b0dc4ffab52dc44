import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { listManifests, type Manifest } from "../runtime/checkpoint/manifest.ts";
import { dynamodbSink, kinesisSource } from "../runtime/connectors/index.ts";
import { defaultCoordinatorSettings } from "../runtime/coordinator/options.ts";
import { createRound } from "../runtime/coordinator/round.ts";
import { createStreams, embeddedRuntime } from "../runtime/embedded/job-world.ts";
import { durablePorts } from "../runtime/embedded/ports.ts";
import {
  checkpointing,
  defineJob,
  elementType,
  noWatermarks,
  unchecked,
  valueState,
} from "../runtime/index.ts";
import { objectNames } from "../runtime/layout/names.ts";
import { buildPlan } from "../runtime/planner/build-plan.ts";
import { askForSavepoint } from "../runtime/savepoints/requests.ts";
import { restore } from "../runtime/savepoints/restore.ts";
import { createEnvironment, type SlotEnvironment } from "../runtime/slot/image/environment.ts";
import { ensureGeneration, readGeneration } from "../runtime/job/generation.ts";
import type { JobRuntime } from "../runtime/job/job-runtime.ts";
import { processBatch } from "../runtime/slot/process-batch.ts";
import { mappedStreamsOf } from "../runtime/job/feeds.ts";

interface Item {
  readonly key: number;
  readonly pad: string;
}

/** Bytes of state of one key, about. */
const keyBytes = 1_000;

const holding = defineJob(
  "holding",
  (env) => {
    env
      .source(kinesisSource({ stream: "items", schema: unchecked<Item>() }), {
        uid: "items",
        watermarks: noWatermarks(),
      })
      .keyBy((item) => item.key)
      .process({
        uid: "hold",
        state: { last: valueState<Item>() },
        emits: elementType<{ key: number }>(),
        onElement(item, ctx) {
          ctx.state.last.set(item);
        },
      })
      .sinkTo(dynamodbSink({ table: "rows", key: ["key"] }), { uid: "rows" });
  },
  { checkpoints: checkpointing({ interval: "never" }) },
);

export interface CheckpointFigures {
  readonly stateMiB: number;
  readonly full: EpochFigures;
  /** After a hundredth of the keys has changed. */
  readonly incremental: EpochFigures;
  /** Until the new generation is published. */
  readonly restoreMs: number;
  /** From a fresh environment to its first commit, state loaded. */
  readonly coldStartMs: number;
}

export interface EpochFigures {
  readonly ms: number;
  readonly newBytes: number;
  readonly totalBytes: number;
}

/** Epochs, restore and cold start of one slot with so much state, on the durable embedded store. */
export async function benchCheckpoints(mebibytes: number): Promise<CheckpointFigures> {
  const dir = mkdtempSync(join(tmpdir(), "millrace-checkpoints-"));
  const ports = durablePorts(dir);
  try {
    const plan = buildPlan(holding.graph);
    const job = embeddedRuntime({ graph: holding.graph, plan }, ports, {
      partDeltaBytes: 16 * 1_048_576,
    });
    await createStreams(plan, ports, { source: 1, exchange: 1 });
    await ensureGeneration(job);
    const keys = Math.round((mebibytes * 1_048_576) / keyBytes);
    const run = new Run(job);
    await run.put(keys);
    const full = await run.savepoint("full");
    await run.put(Math.ceil(keys / 100));
    const incremental = await run.savepoint("incremental");
    const [newest] = (await listManifests(ports, plan.job)).slice(-1) as [Manifest];
    const begunMs = performance.now();
    await restore({
      job,
      manifest: objectNames.manifest(plan.job, newest.generation, newest.epoch),
    });
    const restoreMs = performance.now() - begunMs;
    return { stateMiB: mebibytes, full, incremental, restoreMs, coldStartMs: await run.cold() };
  } finally {
    ports.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** A job whose mappings are driven by hand. */
class Run {
  readonly #job: JobRuntime;
  #environment: SlotEnvironment;
  readonly #done = new Map<string, string>();

  constructor(job: JobRuntime) {
    this.#job = job;
    this.#environment = createEnvironment(job);
  }

  async put(keys: number): Promise<void> {
    // Text that compresses as little as any.
    const pad = (): string => randomBytes(((keyBytes - 40) * 3) / 4).toString("base64");
    for (let key = 0; key < keys; key += 500) {
      const entries = Array.from({ length: Math.min(500, keys - key) }, (_, index) => ({
        partitionKey: "p",
        data: Buffer.from(JSON.stringify({ key: key + index, pad: pad() })),
      }));
      await this.#job.ports.writer.put("items", entries);
    }
    await this.#pump();
  }

  async savepoint(id: string): Promise<EpochFigures> {
    const { ports, plan } = this.#job;
    const generation = await askForSavepoint(ports, { job: plan.job, id, kind: "savepoint" });
    const round = createRound(
      {
        job: this.#job,
        deadlineMs: Number.POSITIVE_INFINITY,
        settings: { ...defaultCoordinatorSettings, shardListMs: 0, sourceQuietMs: 0 },
        invoker: {
          invoke: async (slot) =>
            void (await processBatch(this.#environment, { ...slot, records: [] })),
        },
      },
      generation,
    );
    const begunMs = performance.now();
    for (let rounds = 0; rounds < 50; rounds++) {
      await Promise.all((await round()).invocations);
      await this.#pump();
      const epochs = await listManifests(ports, plan.job);
      const found = epochs.find((epoch) => epoch.status === "complete" && epoch.savepoint === id);
      if (found?.status !== "complete") continue;
      const { newBytes, totalBytes } = found;
      return { ms: performance.now() - begunMs, newBytes, totalBytes };
    }
    throw new Error(`Savepoint ${id} did not complete.`);
  }

  /** The first record after a restore, in an environment that knows nothing. */
  async cold(): Promise<number> {
    this.#environment = createEnvironment(this.#job);
    const { reader } = this.#job.ports;
    const generation = await readGeneration(this.#job.ports, this.#job.plan.job);
    const [source = "", exchange = ""] = mappedStreamsOf(this.#job.plan, this.#job.names);
    await this.#job.ports.writer.put(source, [
      { partitionKey: "p", data: Buffer.from('{"key":1,"pad":"y"}') },
    ]);
    const [shard] = await reader.listShards(source);
    await processBatch(this.#environment, { stream: source, shardId: shard!.shardId, records: [] });
    const begunMs = performance.now();
    const [target] = await reader.listShards(exchange);
    await processBatch(this.#environment, {
      stream: exchange,
      shardId: target!.shardId,
      records: [],
    });
    if (generation?.generation !== 2) throw new Error("The restored generation does not live.");
    return performance.now() - begunMs;
  }

  async #pump(): Promise<void> {
    const { reader } = this.#job.ports;
    for (let moved = true; moved;) {
      moved = false;
      for (const stream of mappedStreamsOf(this.#job.plan, this.#job.names)) {
        for (const { shardId } of await reader.listShards(stream)) {
          const at = this.#done.get(`${stream}/${shardId}`);
          const from =
            at === undefined
              ? ({ kind: "earliest" } as const)
              : ({ kind: "after", sequence: at } as const);
          const { records } = await reader.read({ stream, shardId, from, maxRecords: 2_000 });
          const last = records.at(-1);
          if (last === undefined) continue;
          moved = true;
          await processBatch(this.#environment, { stream, shardId, records });
          this.#done.set(`${stream}/${shardId}`, last.sequence);
        }
      }
    }
  }
}
