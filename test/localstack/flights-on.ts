import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, vi } from "vitest";
import { compare, type Comparison } from "../../examples/flight-delays/compare.ts";
import { feedFlights, type RecordWriter } from "../../examples/flight-delays/feed.ts";
import { plainResults } from "../../examples/flight-delays/plain.ts";
import {
  deployLocal,
  endpointsOf,
  type LocalDeployment,
  synthesize,
} from "../../localstack/index.ts";
import type { LocalDeploymentOptions } from "../../localstack/deployment/deploy-local.ts";
import { localIdentity } from "../../localstack/emulators/emulators.ts";
import { awsClients, closeClients } from "../../runtime/aws/clients.ts";
import { awsPorts } from "../../runtime/aws/ports.ts";
import { quietTelemetry } from "../../runtime/embedded/console-telemetry.ts";
import {
  systemClock,
  systemRandom,
  zstdCompression,
} from "../../runtime/embedded/system-environment.ts";
import type { StreamWriter } from "../../runtime/ports/index.ts";
import { listProgress } from "../../runtime/slot/progress.ts";
import { root } from "../unit/tidy/sources.ts";

/** The flights' app on whatever emulators a producer's variables lead to. */
export interface FlightsOn {
  readonly deployment: LocalDeployment;
  readonly stream: string;
  /** Puts rows of the file: as fast as it goes, or so many a second, spread evenly. */
  feed(fromRow: number, toRow: number, perSecond?: number): Promise<void>;
  /** Until the source's slots have taken so many records. */
  untilTaken(count: number): Promise<void>;
  /** `millrace stop --drain`: all windows fire, and the job has ended. */
  drain(): Promise<void>;
  /** Holds the tables against the plain computation over the file's first rows. */
  compareWith(rows: number): Promise<Comparison>;
  close(): Promise<void>;
}

export interface FlightsOnOptions extends Partial<LocalDeploymentOptions> {
  /** AWS_ENDPOINT_URL and its kin, for producers and commands. The stack's are the same by default. */
  readonly outside: Readonly<Record<string, string>>;
}

const job = "flight-delays";

export async function flightsOn({ outside, ...options }: FlightsOnOptions): Promise<FlightsOn> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-flights-"));
  const app = join(root, "examples/flight-delays/app.ts");
  const deployment = await deployLocal({
    assembly: await synthesize({ app, folder: join(folder, "cdk.out") }),
    variables: outside,
    logFolder: join(folder, "logs"),
    tuning: { pollMs: 200, shardListMs: 200 },
    ...options,
  });
  const connection = connectionOf(deployment);
  const { DYNAMODB, KINESIS, S3 } = endpointsOf(outside);
  const clients = awsClients({
    region: localIdentity.AWS_REGION,
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    endpoints: { dynamodb: DYNAMODB!, kinesis: KINESIS!, s3: S3! },
  });
  const names = JSON.parse(connection["MILLRACE_TABLES"]!) as Record<string, string>;
  const [stream] = Object.values(JSON.parse(connection["MILLRACE_STREAMS"]!) as object) as [string];
  const environment = {
    clock: systemClock,
    random: systemRandom,
    compression: zstdCompression,
    telemetry: quietTelemetry,
  };
  const [table, bucket] = [connection["MILLRACE_TABLE"]!, connection["MILLRACE_BUCKET"]!];
  const tableName = (name: string): string => names[name] ?? name;
  const ports = awsPorts({ table, bucket, clients, tableName, environment });
  const taken = async (): Promise<number> =>
    (await listProgress(ports, { job, generation: 1 }))
      .filter((slot) => slot.stream === stream && !slot.sealed)
      .reduce((sum, { counters }) => sum + counters.records, 0);
  return {
    deployment,
    stream,
    feed: (fromRow, toRow, perSecond) => {
      const writer = perSecond === undefined ? ports.writer : paced(ports.writer, perSecond);
      return feedFlights({ writer, stream, fromRow, count: toRow });
    },
    untilTaken: (count) =>
      vi.waitFor(async () => expect(await taken()).toBe(count), {
        timeout: 200_000,
        interval: 500,
      }),
    drain: () => drain({ ...deployment.variables, ...outside }, [table, bucket]),
    compareWith: async (rows) => {
      let deadLetters = 0;
      for await (const _ of ports.objects.list(`${job}/1/dead-letters/`)) deadLetters += 1;
      const scan = (name: string) => ports.tables.scan(name);
      return await compare({ scan, deadLetters, expectsLate: false }, await plainResults(rows));
    },
    close: async () => {
      await deployment.stop();
      closeClients(clients);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Puts a tenth of a second's records every tenth of a second. */
function paced(writer: StreamWriter, perSecond: number): RecordWriter {
  const perPut = Math.max(1, Math.round(perSecond / 10));
  let startedMs: number | undefined;
  let put = 0;
  return {
    put: async (stream, entries) => {
      startedMs ??= performance.now();
      const results: { readonly put: boolean }[] = [];
      for (let at = 0; at < entries.length; at += perPut) {
        const some = entries.slice(at, at + perPut);
        await wait(Math.max(0, startedMs + (put / perSecond) * 1_000 - performance.now()));
        results.push(...(await writer.put(stream, some)));
        put += some.length;
      }
      return results;
    },
  };
}

function connectionOf({ outputs }: LocalDeployment): Readonly<Record<string, string>> {
  const [, text] = Object.entries(outputs).find(([id]) => /Connection[0-9A-F]{8}$/.test(id))!;
  return JSON.parse(text) as Record<string, string>;
}

async function drain(
  variables: Readonly<Record<string, string>>,
  [table, bucket]: readonly [string, string] | readonly string[],
): Promise<void> {
  const command = [join(root, "cli/millrace.ts"), "stop", "--drain", "--timeout", "200"];
  const place = ["--table", table!, "--bucket", bucket!, "--job", job];
  const child = spawn(process.execPath, [...command, ...place], {
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  child.stdout.on("data", (chunk: Buffer) => void (printed += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => void (printed += chunk.toString()));
  const [code] = (await once(child, "close")) as [number];
  expect(printed).toContain("was drained and stopped");
  expect(code).toBe(0);
}
