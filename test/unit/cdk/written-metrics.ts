import { emfTelemetry } from "../../../runtime/aws/emf-telemetry.ts";
import { runCoordinator } from "../../../runtime/coordinator/coordinator.ts";
import { defaultCoordinatorSettings } from "../../../runtime/coordinator/options.ts";
import { storeError } from "../../../runtime/errors/millrace-error.ts";
import { checkpointing, type JobDefinition } from "../../../runtime/index.ts";
import type { KeyedTable } from "../../../runtime/ports/index.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { gatedPorts } from "../../integration/gated-ports.ts";
import {
  driver,
  manualClock,
  slotWorld,
  type SlotWorldOptions,
} from "../../integration/slot-world.ts";
import { someVisits, type Visit, visitsJob } from "../../integration/visits-job.ts";

const shardId = "shardId-000000000000";
const byUser = (visit: Visit): string => visit.user;
const visits = someVisits(200, { users: 50 });

/** Runs jobs through all that they report, with the telemetry that they have on AWS; answers `name {dimension=value, …}`. */
export async function writtenMetrics(pipeline: string): Promise<ReadonlySet<string>> {
  const lines: string[] = [];
  const telemetry = emfTelemetry({
    clock: manualClock(),
    job: "visits",
    pipeline,
    write: (line) => void lines.push(line),
  });
  const world = (job: JobDefinition, options: SlotWorldOptions = {}) =>
    slotWorld(job, { ...options, ports: { telemetry } });
  await runWell(world);
  await runWithoutSlots(world);
  await runWithoutObjects(world);
  await runOutOfMemory(world);
  await runWithRefusedRows(world);
  return new Set(lines.flatMap(metricsOf));
}

type MakeWorld = (job: JobDefinition, options?: SlotWorldOptions) => ReturnType<typeof slotWorld>;

/** Health, completed epochs, a dead letter and a late element. */
async function runWell(make: MakeWorld): Promise<void> {
  const checkpoints = checkpointing({ interval: { milliseconds: 100 } });
  const world = await make(visitsJob({ checkpoints }));
  const environment = world.environment();
  await world.put("visits", visits, byUser);
  await world.put("visits", ["this is no JSON"]);
  const round = world.coordinator(() => environment);
  const feed = driver({ world, pick: () => environment });
  for (let rounds = 0; rounds < 10; rounds++) {
    while (await feed.pump());
    world.clock.advance(30_000);
    await round();
  }
  await world.put("visits", [{ user: "u1", atMs: -1_000_000_000_000 }], byUser);
  while (await feed.pump());
}

/** A faulty mapping, a table with another key, epochs that expire, and garbage. */
async function runWithoutSlots(make: MakeWorld): Promise<void> {
  const checkpoints = checkpointing({ interval: { seconds: 1 }, timeout: { seconds: 1 } });
  const world = await make(visitsJob({ checkpoints }));
  await runCoordinator({
    job: world.runtime,
    invoker: { invoke: async () => undefined },
    sourceControl: { check: async () => [{ stream: "visits", fault: "its state is Disabled" }] },
    tableSchemas: { keyOf: async () => [{ name: "id", type: "binary" }] },
    deadlineMs: world.clock.nowMs() + 60_000,
    settings: { ...defaultCoordinatorSettings, garbageEveryMs: 10_000 },
  });
}

/** Parts that can't be written, until the ring is full. */
async function runWithoutObjects(make: MakeWorld): Promise<void> {
  const world = await make(visitsJob({ aligned: true }), { settings: { ringSize: 4 } });
  await world.put("visits", visits, byUser);
  const records = await world.records("visits", shardId);
  const away = storeError("objects-away", { message: "It is away.", retryable: true });
  const ports = gatedPorts(world.ports, (place) => {
    if (place === "objects.put") throw away;
  });
  const environment = world.environment(ports);
  for (let at = 0; at < 8; at++) {
    const batch = { stream: "visits", shardId, records: records.slice(at, at + 1) };
    await processBatch(environment, batch).catch(() => undefined);
  }
}

async function runOutOfMemory(make: MakeWorld): Promise<void> {
  const world = await make(visitsJob({ aligned: true }));
  const users = visits.map((visit, index) => ({ ...visit, user: `u${index}` }));
  await world.put("visits", users, byUser);
  const records = await world.records("visits", shardId);
  let usedBytes = 0;
  const heap = { measure: () => ({ usedBytes: (usedBytes += 1), limitBytes: 20 }), collect() {} };
  const environment = world.environment({ ...world.ports, heap });
  for (let at = 0; at < records.length; at += 10) {
    const batch = { stream: "visits", shardId, records: records.slice(at, at + 10) };
    await processBatch(environment, batch).catch(() => undefined);
  }
}

/** A table that takes none of the rows. */
async function runWithRefusedRows(make: MakeWorld): Promise<void> {
  const world = await make(visitsJob({ aligned: true }));
  await world.put("visits", visits, byUser);
  const records = await world.records("visits", shardId);
  const tables: KeyedTable = {
    ...world.ports.tables,
    write: async (_, writes) => ({
      applied: 0,
      superseded: 0,
      refused: writes.map((_, at) => ({ at, reason: "its key is of another type" })),
    }),
  };
  const environment = world.environment({ ...world.ports, tables });
  await processBatch(environment, { stream: "visits", shardId, records });
}

interface EmfLine extends Readonly<Record<string, unknown>> {
  readonly _aws?: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
}

/** As CloudWatch reads a line: a metric has the values that the dimensions' names have in it. */
function metricsOf(line: string): readonly string[] {
  const fields = JSON.parse(line) as EmfLine;
  return (fields._aws?.CloudWatchMetrics ?? [])
    .filter(({ Namespace }) => Namespace === "Millrace")
    .flatMap(({ Dimensions, Metrics }) =>
      Dimensions.flatMap((names) =>
        Metrics.filter(({ Name }) => typeof fields[Name] === "number").map(({ Name }) => {
          const values = names.map((name) => `${name}=${String(fields[name])}`);
          return `${Name} {${values.toSorted().join(", ")}}`;
        }),
      ),
    );
}
