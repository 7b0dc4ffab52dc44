import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, vi } from "vitest";
import { compare, type Comparison } from "../../examples/flight-delays/compare.ts";
import { feedFlights } from "../../examples/flight-delays/feed.ts";
import { plainResults } from "../../examples/flight-delays/plain.ts";
import {
  deployLocal,
  type Emulators,
  type LocalDeployment,
  synthesize,
} from "../../localstack/index.ts";
import { type LocalDeploymentOptions } from "../../localstack/deployment/deploy-local.ts";
import { awsClients, type AwsClients, closeClients } from "../../runtime/aws/clients.ts";
import { awsPorts } from "../../runtime/aws/ports.ts";
import { quietTelemetry } from "../../runtime/embedded/console-telemetry.ts";
import {
  systemClock,
  systemRandom,
  zstdCompression,
} from "../../runtime/embedded/system-environment.ts";
import type { Ports } from "../../runtime/ports/index.ts";
import { listProgress } from "../../runtime/slot/progress.ts";
import { root } from "../unit/tidy/sources.ts";

/** The example's own CDK app, deployed to emulators. */
export interface DeployedFlights {
  readonly deployment: LocalDeployment;
  readonly clients: AwsClients;
  readonly stream: string;
  readonly exchange: string;
  /** Puts rows of the file with PutRecords. */
  feed(fromRow: number, toRow: number): Promise<void>;
  /** Until the source's slots have taken so many records. */
  untilTaken(count: number): Promise<void>;
  /** `millrace stop --drain`: all windows fire, and the job has ended. */
  drain(): Promise<void>;
  /** Holds the tables against the plain computation over the file's first rows. */
  compareWith(rows: number, deadLetters?: number): Promise<Comparison>;
  /** What an object store has under a prefix. */
  keys(prefix: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

const job = "flight-delays";

export async function deployFlights(
  emulators: Emulators,
  options: Partial<LocalDeploymentOptions> = {},
): Promise<DeployedFlights> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-localstack-"));
  const app = join(root, "examples/flight-delays/app.ts");
  const deployment = await deployLocal({
    assembly: await synthesize({ app, folder: join(folder, "cdk.out") }),
    variables: emulators.variables,
    logFolder: join(folder, "logs"),
    tuning: { pollMs: 200, shardListMs: 200 },
    ...options,
  });
  const output = (start: string): string =>
    Object.entries(deployment.outputs).find(([id]) => id.startsWith(`Pipeline${start}`))![1];
  const [table, bucket, stream] = ["JobTableName", "BucketName", "Streamflights"].map(output);
  const { dynamodb, kinesis, s3 } = emulators.servers;
  const clients = awsClients({
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    endpoints: { dynamodb: dynamodb.url, kinesis: kinesis.url, s3: s3.url },
  });
  const ports = portsOf(clients, { table: table!, bucket: bucket!, output });
  const keys = async (prefix: string): Promise<readonly string[]> => {
    const found: string[] = [];
    for await (const key of ports.objects.list(prefix)) found.push(key);
    return found;
  };
  return {
    deployment,
    clients,
    stream: stream!,
    exchange: output("ExchangeStream"),
    feed: (fromRow, toRow) =>
      feedFlights({ writer: ports.writer, stream: stream!, fromRow, count: toRow }),
    untilTaken: async (count) => {
      // What a sealed slot counted, its heir counts on.
      const taken = async (): Promise<number> =>
        (await listProgress(ports, { job, generation: 1 }))
          .filter((slot) => slot.stream === stream && !slot.sealed)
          .reduce((sum, { counters }) => sum + counters.records, 0);
      await vi.waitFor(async () => expect(await taken()).toBe(count), {
        timeout: 200_000,
        interval: 500,
      });
    },
    drain: () => drain(deployment, ["--table", table!, "--bucket", bucket!, "--job", job]),
    compareWith: async (rows, deadLetters) =>
      await compare(
        {
          scan: (name) => ports.tables.scan(name),
          deadLetters: deadLetters ?? (await keys(`${job}/1/dead-letters/`)).length,
          expectsLate: false,
        },
        await plainResults(rows),
      ),
    keys,
    close: async () => {
      await deployment.stop();
      closeClients(clients);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Names {
  readonly table: string;
  readonly bucket: string;
  readonly output: (start: string) => string;
}

function portsOf(clients: AwsClients, { table, bucket, output }: Names): Ports {
  return awsPorts({
    table,
    bucket,
    clients,
    tableName: (name) => output(`Table${name.replaceAll("-", "")}`),
    environment: {
      clock: systemClock,
      random: systemRandom,
      compression: zstdCompression,
      telemetry: quietTelemetry,
    },
  });
}

async function drain({ variables }: LocalDeployment, place: readonly string[]): Promise<void> {
  const cli = join(root, "cli/millrace.ts");
  const child = spawn(process.execPath, [cli, "stop", "--drain", "--timeout", "200", ...place], {
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
