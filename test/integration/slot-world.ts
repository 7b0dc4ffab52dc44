import { createRound, type RoundReport } from "../../runtime/coordinator/round.ts";
import { defaultCoordinatorSettings } from "../../runtime/coordinator/options.ts";
import { createStreams, embeddedRuntime } from "../../runtime/embedded/job-world.ts";
import { type EmbeddedPorts, memoryPorts } from "../../runtime/embedded/ports.ts";
import type { JobDefinition } from "../../runtime/index.ts";
import { buildPlan } from "../../runtime/planner/build-plan.ts";
import type {
  Clock,
  Deadline,
  JsonValue,
  Ports,
  Random,
  StreamRecord,
  Telemetry,
} from "../../runtime/ports/index.ts";
import { createEnvironment, type SlotEnvironment } from "../../runtime/slot/image/environment.ts";
import { ensureGeneration, type Generation } from "../../runtime/job/generation.ts";
import type { JobRuntime, SlotSettings } from "../../runtime/job/job-runtime.ts";
import { type BatchOutcome, processBatch } from "../../runtime/slot/process-batch.ts";
import { mappedStreamsOf } from "../../runtime/job/feeds.ts";

/** A clock that only moves when it is told to, or when somebody sleeps. */
export function manualClock(startMs = 1_000_000): Clock & { advance(ms: number): void } {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    sleep: async (durationMs) => {
      nowMs += durationMs;
    },
    advance: (ms) => {
      nowMs += ms;
    },
  };
}

export function countingRandom(): Random {
  let next = 0;
  return {
    id: () => `id${(next++).toString(36)}`,
    fraction: () => (Math.imul(next++, 0x9e3779b1) >>> 0) / 2 ** 32,
  };
}

export interface Alarm {
  readonly code: string;
  readonly detail: Readonly<Record<string, JsonValue>>;
}

export function recordingTelemetry(): Telemetry & { readonly alarms: Alarm[] } {
  const alarms: Alarm[] = [];
  return {
    alarms,
    count() {},
    log() {},
    alarm: (code, detail) => void alarms.push({ code, detail }),
  };
}

/** A job over memory ports whose slots are driven by hand. */
export interface SlotWorld {
  readonly runtime: JobRuntime;
  readonly ports: EmbeddedPorts;
  readonly clock: ReturnType<typeof manualClock>;
  readonly alarms: readonly Alarm[];
  readonly generation: Generation;
  readonly exchange: string;
  /** A fresh environment, over other ports (a gate, a fault) where they are given. */
  environment(ports?: Ports): SlotEnvironment;
  /** A coordinator: each call is a round. Its direct invocations go to `serve`, and are over at `deadline`. */
  coordinator(
    serve?: () => SlotEnvironment,
    shardListMs?: number,
    generation?: Generation,
    deadline?: () => Deadline,
  ): () => Promise<RoundReport>;
  put(stream: string, values: readonly unknown[], keyOf?: (value: never) => string): Promise<void>;
  records(stream: string, shardId: string): Promise<readonly StreamRecord[]>;
}

export interface SlotWorldOptions {
  readonly settings?: Partial<SlotSettings>;
  readonly sourceShards?: number;
  readonly exchangeShards?: number;
  readonly ports?: Partial<Ports>;
  /** What the clock shows first. Default: 1,000,000 ms. */
  readonly startMs?: number;
}

export async function slotWorld(
  job: JobDefinition,
  options: SlotWorldOptions = {},
): Promise<SlotWorld> {
  const clock = manualClock(options.startMs);
  const telemetry = recordingTelemetry();
  const ports = memoryPorts({ clock, random: countingRandom(), telemetry, ...options.ports });
  const plan = buildPlan(job.graph);
  const runtime = embeddedRuntime({ graph: job.graph, plan }, ports, options.settings);
  await createStreams(plan, ports, {
    source: options.sourceShards ?? 1,
    exchange: options.exchangeShards ?? 1,
  });
  const generation = await ensureGeneration(runtime);
  clock.advance(1);
  const environment = (own: Ports = ports): SlotEnvironment =>
    createEnvironment({ ...runtime, ports: own });
  return {
    runtime,
    ports,
    clock,
    alarms: telemetry.alarms,
    generation,
    exchange: runtime.names.exchangeStream,
    environment,
    coordinator(serve, shardListMs = 0, led = generation, deadline) {
      const direct = serve ?? always(environment());
      let before: Promise<unknown> = Promise.resolve();
      const round = createRound(
        {
          job: runtime,
          deadlineMs: Number.POSITIVE_INFINITY,
          settings: { ...defaultCoordinatorSettings, shardListMs, sourceQuietMs: 0 },
          invoker: {
            // An environment serves one invocation at a time.
            invoke: async (invocation) => {
              const served = before.then(() =>
                processBatch(direct(), {
                  ...invocation,
                  records: [],
                  ...(deadline && { deadline: deadline() }),
                }),
              );
              before = served.catch(() => undefined);
              await served;
            },
          },
        },
        led,
      );
      return async () => {
        const report = await round();
        await Promise.all(report.invocations);
        return report;
      };
    },
    async put(stream, values, keyOf) {
      for (let at = 0; at < values.length; at += 500) {
        const some = values.slice(at, at + 500);
        await ports.writer.put(
          stream,
          some.map((value, index) => ({
            partitionKey: keyOf?.(value as never) ?? `p${at + index}`,
            data:
              typeof value === "string" ? utf8.encode(value) : utf8.encode(JSON.stringify(value)),
          })),
        );
      }
    },
    async records(stream, shardId) {
      const from = { kind: "earliest" } as const;
      return (await ports.reader.read({ stream, shardId, from, maxRecords: 10_000 })).records;
    },
  };
}

const utf8 = new TextEncoder();
const always =
  <T>(value: T) =>
  () =>
    value;

/** Stands for the event source mappings: hands every shard's records over in order, once each, in batches. */
export interface Driver {
  /** Hands one batch of each shard over (of one stream, where it is named); answers whether there was anything. */
  pump(only?: string): Promise<boolean>;
  /** Pumps until all shards are at their tips, runs coordinator rounds until the job has ended. */
  untilEnded(round: () => Promise<RoundReport>, roundsMax?: number): Promise<void>;
}

export interface DriverOptions {
  readonly world: SlotWorld;
  /** Who serves the next batch. */
  readonly pick: () => SlotEnvironment;
  /** Records of the next batch. Default 100. */
  readonly batchSize?: () => number;
  /** Shards of a stream in the order in which they are served. Default: by id. */
  readonly order?: (shardIds: readonly string[]) => readonly string[];
  /** When the next invocation is over. Default: never. */
  readonly deadline?: () => Deadline | undefined;
  /** Hands the batch over once more, to somebody. */
  readonly redelivers?: () => boolean;
}

export function driver(options: DriverOptions): Driver {
  const {
    world,
    pick,
    batchSize = () => 100,
    order = (ids) => ids,
    deadline: deadlineOf = () => undefined,
    redelivers = () => false,
  } = options;
  const done = new Map<string, number>();
  /** Why a batch was given back last. */
  let given: unknown;

  async function pump(only?: string): Promise<boolean> {
    let moved = false;
    for (const stream of mappedStreamsOf(world.runtime.plan, world.runtime.names)) {
      if (only !== undefined && stream !== only) continue;
      const ids = (await world.ports.reader.listShards(stream)).map(({ shardId }) => shardId);
      for (const shardId of order(ids)) {
        const all = await world.records(stream, shardId);
        const at = done.get(`${stream}/${shardId}`) ?? 0;
        const records = all.slice(at, at + batchSize());
        if (records.length === 0) continue;
        const left = await handOver({ stream, shardId, records });
        moved ||= left < records.length;
        done.set(`${stream}/${shardId}`, at + records.length - left);
      }
    }
    return moved;
  }

  async function handOver(batch: Parameters<typeof processBatch>[1]): Promise<number> {
    let outcome: BatchOutcome;
    try {
      const deadline = deadlineOf();
      outcome = await processBatch(pick(), { ...batch, ...(deadline && { deadline }) });
    } catch (thrown) {
      if ((thrown as { retryable?: boolean }).retryable !== true) throw thrown;
      given = thrown;
      return batch.records.length;
    }
    if (redelivers()) await processBatch(pick(), batch);
    const failed = batch.records.findIndex(({ sequence }) => sequence === outcome.failedSequence);
    return failed === -1 ? 0 : batch.records.length - failed;
  }

  return {
    pump,
    async untilEnded(round, roundsMax = 60) {
      for (let rounds = 0; rounds < roundsMax; rounds++) {
        for (let pumps = 0; pumps < 2_000 && (await pump()); pumps++);
        world.clock.advance(300);
        if ((await round()).ended) return;
      }
      throw new Error(`The job had not ended after ${roundsMax} rounds.`, { cause: given });
    },
  };
}

/** The rows of a table as sorted text, so that tables compare whole. */
export async function rowsOf(
  ports: Pick<Ports, "tables">,
  table: string,
): Promise<readonly string[]> {
  const rows: string[] = [];
  for await (const row of ports.tables.scan(table))
    rows.push(
      JSON.stringify(Object.fromEntries(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))),
    );
  return rows.sort();
}
