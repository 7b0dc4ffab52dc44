import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, vi } from "vitest";
import { compare, type Comparison } from "../../examples/flight-delays/compare.ts";
import { feedFlights } from "../../examples/flight-delays/feed.ts";
import { plainResults } from "../../examples/flight-delays/plain.ts";
import {
  deployLocal,
  endpointsOf,
  type LocalDeployment,
  synthesize,
} from "../../localstack/index.ts";
import type { RecordWriter } from "../../dev/put-records.ts";
import type { LocalDeploymentOptions } from "../../localstack/deployment/deploy-local.ts";
import { localClientIdentity } from "../../localstack/emulators/emulators.ts";
import { awsClients, closeClients } from "../../runtime/aws/clients.ts";
import type { StreamWriter } from "../../runtime/ports/index.ts";
import { openDeployedApp } from "../conformance/deployed-app.ts";
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
  /** All of it for the file's first rows, of which there are enough to fill tables: nothing may differ. */
  expectRight(rows: number): Promise<void>;
  close(): Promise<void>;
}

export interface FlightsOnOptions extends Partial<LocalDeploymentOptions> {
  /** AWS_ENDPOINT_URL and its kin, for producers and commands. The stack's are the same by default. */
  readonly outside: Readonly<Record<string, string>>;
  /** File of the CDK app. Default: the example's. */
  readonly app?: string;
}

const job = "flight-delays";

export async function flightsOn({
  outside,
  app = join(root, "examples/flight-delays/app.ts"),
  ...options
}: FlightsOnOptions): Promise<FlightsOn> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-flights-"));
  const assembly = await synthesize({ app, folder: join(folder, "cdk.out") });
  const deployment = await deployLocal({
    assembly,
    variables: outside,
    logFolder: join(folder, "logs"),
    tuning: { pollMs: 200, shardListMs: 200 },
    ...options,
  });
  const outputsFile = join(folder, "outputs.json");
  await writeFile(outputsFile, JSON.stringify({ [assembly.name]: deployment.outputs }));
  const { DYNAMODB, KINESIS, S3 } = endpointsOf(outside);
  const clients = awsClients({
    ...localClientIdentity,
    endpoints: { dynamodb: DYNAMODB!, kinesis: KINESIS!, s3: S3! },
  });
  const variables = { ...deployment.variables, ...outside };
  const deployed = openDeployedApp({ clients, variables }, outputsFile, job);
  const { ports } = deployed;
  const stream = deployed.streams["flights"]!;
  const flights: FlightsOn = {
    deployment,
    stream,
    feed: (fromRow, toRow, perSecond) => {
      const writer = perSecond === undefined ? ports.writer : paced(ports.writer, perSecond);
      return feedFlights({ writer, stream, fromRow, count: toRow });
    },
    untilTaken: (count) =>
      vi.waitFor(async () => expect(await deployed.taken("flights")).toBe(count), {
        timeout: 200_000,
        interval: 500,
      }),
    drain: async () => {
      const printed = await deployed.command("stop", "--drain", "--timeout", "200");
      expect(printed).toContain("was drained and stopped");
    },
    compareWith: async (rows) => {
      const deadLetters = (await deployed.deadLetters()).length;
      const scan = (name: string) => ports.tables.scan(name);
      return await compare({ scan, deadLetters, expectsLate: false }, await plainResults(rows));
    },
    expectRight: async (rows) => {
      await flights.feed(0, rows);
      await flights.untilTaken(rows);
      await flights.drain();
      const { differences, rows: counts } = await flights.compareWith(rows);
      expect(differences).toEqual([]);
      expect(counts["airport-delays"]).toBeGreaterThan(500);
    },
    close: async () => {
      await deployment.stop();
      closeClients(clients);
      await rm(folder, { recursive: true, force: true });
    },
  };
  return flights;
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
