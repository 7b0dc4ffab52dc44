import { createRound } from "../../../runtime/coordinator/round.ts";
import { defaultCoordinatorSettings } from "../../../runtime/coordinator/options.ts";
import { checkpointing } from "../../../runtime/index.ts";
import type { Ports } from "../../../runtime/ports/index.ts";
import { collectGarbage } from "../../../runtime/savepoints/garbage.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { driver, slotWorld } from "../../integration/slot-world.ts";
import { someVisits, visitsJob } from "../../integration/visits-job.ts";

/** What a port's call needs at AWS, by the adapters' own commands. */
const actionOf: Readonly<Record<string, string>> = {
  "log.append": "dynamodb:PutItem",
  "log.read": "dynamodb:Query",
  "log.readAll": "dynamodb:Query",
  "control.get": "dynamodb:GetItem",
  "control.put": "dynamodb:PutItem",
  "control.list": "dynamodb:Query",
  "control.delete": "dynamodb:DeleteItem",
  "tables.scan": "dynamodb:Scan",
  "tables.write": "dynamodb:PutItem",
  "objects.put": "s3:PutObject",
  "objects.get": "s3:GetObject",
  "objects.list": "s3:ListBucket",
  "objects.delete": "s3:DeleteObject",
  "reader.read": "kinesis:GetRecords",
  "reader.listShards": "kinesis:ListShards",
  "writer.put": "kinesis:PutRecords",
};

/** `port: action`: the port says which resource is meant. */
export interface CalledActions {
  readonly process: ReadonlySet<string>;
  readonly coordinator: ReadonlySet<string>;
}

/** Runs a job with checkpoints, a reshard and garbage collection; answers what each function called. */
export async function calledActions(): Promise<CalledActions> {
  const called = { process: new Set<string>(), coordinator: new Set<string>() };
  const checkpoints = checkpointing({ interval: { milliseconds: 100 }, retain: 1 });
  const world = await slotWorld(visitsJob({ checkpoints }), { settings: { ringSize: 8 } });
  const environment = world.environment(noting(world.ports, called.process));
  const ports = noting(world.ports, called.coordinator);
  const round = createRound(
    {
      job: { ...world.runtime, ports },
      deadlineMs: Number.POSITIVE_INFINITY,
      settings: { ...defaultCoordinatorSettings, shardListMs: 0, sourceQuietMs: 0 },
      invoker: {
        invoke: async (slot) => void (await processBatch(environment, { ...slot, records: [] })),
      },
    },
    world.generation,
  );
  const feed = driver({ world, pick: () => environment, batchSize: () => 20 });
  await world.put("visits", ["no JSON"]);
  for (let rounds = 0; rounds < 12; rounds++) {
    await world.put("visits", someVisits(40, { seed: rounds }));
    const [shard] = await world.ports.reader.listShards(world.exchange);
    if (rounds === 4) await world.ports.admin.split(world.exchange, shard!.shardId);
    while (await feed.pump());
    world.clock.advance(300);
    await Promise.all((await round()).invocations);
  }
  const garbage = { job: "visits", retain: 1, graceMs: 0, frameRetentionMs: 0 };
  await collectGarbage(ports, garbage);
  await collectGarbage(ports, garbage);
  return called;
}

const storePorts = ["log", "control", "tables", "objects", "reader", "writer"] as const;

/** The same ports; what is called is noted. */
export function noting(ports: Ports, called: Set<string>): Ports {
  const noted = storePorts.map((name) => {
    const port = new Proxy(ports[name], {
      get(target, method) {
        const call = Reflect.get(target, method) as unknown;
        if (typeof call !== "function") return call;
        return (...args: unknown[]) => {
          called.add(`${name}: ${actionOf[`${name}.${String(method)}`] ?? String(method)}`);
          return Reflect.apply(call, target, args) as unknown;
        };
      },
    });
    return [name, port] as const;
  });
  return { ...ports, ...Object.fromEntries(noted) };
}
