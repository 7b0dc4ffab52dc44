import { type KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";
import { type Emulators, startEmulators } from "../../localstack/index.ts";
import { awsAdmin } from "../contract/aws-admin.ts";
import { type DeployedFlights, deployFlights } from "./deployed-flights.ts";
import { throttlingProxy } from "./throttling-proxy.ts";

let emulators: Emulators;

beforeAll(async () => void (emulators = await startEmulators()));
afterAll(() => emulators?.stop());

const rows = 12_000;
const throttledFraction = 0.03;

test("splits, merges, killed environments, batches twice, a poisoned record and throttling change no row", async () => {
  const random = seeded(17);
  const proxies = await Promise.all(
    [emulators.servers.kinesis.url, emulators.servers.dynamodb.url].map((target) =>
      throttlingProxy({ target, fraction: throttledFraction, random }),
    ),
  );
  const [kinesis, dynamodb] = proxies;
  const flights = await deployFlights(emulators, {
    variables: {
      ...emulators.variables,
      AWS_ENDPOINT_URL_KINESIS: kinesis!.url,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb!.url,
    },
    tuning: { pollMs: 200, shardListMs: 200, redeliveryFraction: 0.2 },
  });
  const process = [...flights.deployment.functions.values()].find(({ name }) =>
    name.includes("Process"),
  )!;
  let kills = 0;
  const killing = setInterval(() => {
    void process.killOne().then((killed) => (kills += killed ? 1 : 0));
  }, 2_500);
  try {
    await feedAndReshard(flights);
    await flights.untilTaken(rows + 1);
    clearInterval(killing);
    await flights.drain();
    const { differences } = await flights.compareWith(rows, 0);
    expect(differences).toEqual([]);
    await vi.waitFor(async () =>
      expect(await flights.keys("flight-delays/1/dead-letters/")).toHaveLength(1),
    );
    expect(kills).toBeGreaterThan(0);
    expect(Math.min(...proxies.map(({ throttled }) => throttled()))).toBeGreaterThan(5);
    const { invocations, errors } = process.figures();
    console.log(
      `${kills} kills, ${invocations} invocations of which ${errors} failed, ${proxies.map(({ throttled }) => throttled()).join(" and ")} calls throttled`,
    );
  } finally {
    clearInterval(killing);
    await flights.close();
    for (const proxy of proxies) proxy.close();
  }
});

/** Puts the rows in three parts, and between them splits and merges the source and the exchange. */
async function feedAndReshard(flights: DeployedFlights): Promise<void> {
  const { clients, stream, exchange } = flights;
  const { split, merge } = awsAdmin(clients);
  await flights.feed(0, 4_000);
  await poison(clients.kinesis, stream);
  await split(stream, "shardId-000000000000");
  await split(exchange, "shardId-000000000000");
  await flights.feed(4_000, 8_000);
  await merge(stream, "shardId-000000000001", "shardId-000000000002");
  await split(exchange, "shardId-000000000001");
  await flights.feed(8_000, rows);
}

/** A record that is no JSON at all. */
async function poison(kinesis: KinesisClient, stream: string): Promise<void> {
  const Data = new TextEncoder().encode("}{");
  await kinesis.send(
    new PutRecordsCommand({ StreamName: stream, Records: [{ PartitionKey: "poison", Data }] }),
  );
}

/** Numbers in [0, 1), always the same ones. */
function seeded(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 2 ** 32;
}
