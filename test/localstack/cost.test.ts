import { afterAll, beforeAll, expect, test } from "vitest";
import { defaultWorkload, requestsOf, type Workload } from "../../cost/index.ts";
import { type Emulators, startEmulators } from "../../localstack/index.ts";
import { itemBytes } from "../integration/item-bytes.ts";
import { type CountedCall, countingProxy, type CountingProxy } from "./counting-proxy.ts";
import { type FlightsOn, flightsOn } from "./flights-on.ts";

let emulators: Emulators;
let proxies: readonly CountingProxy[] = [];
const calls: CountedCall[] = [];

beforeAll(async () => {
  emulators = await startEmulators();
  const { kinesis, dynamodb, s3 } = emulators.servers;
  proxies = await Promise.all(
    [kinesis, dynamodb, s3].map(({ url: target }) =>
      countingProxy({ target, onCall: (call) => calls.push(call) }),
    ),
  );
});
afterAll(async () => {
  for (const proxy of proxies) proxy.close();
  await emulators?.stop();
});

const perSecond = 60;
const warmUpRows = 900;
const rows = 4_500;
/** What the event source mappings' pollers call; the price of a shard includes it, and the coordinator's lists of shards too. */
const notBilled = new Set(["GetRecords", "GetShardIterator", "ListShards"]);

test("the requests that the cost is made of are those of the deployed functions, within 10 %", async () => {
  const [kinesis, dynamodb, s3] = proxies.map(({ url }) => url);
  const flights = await flightsOn({
    outside: emulators.variables,
    variables: {
      ...emulators.variables,
      AWS_ENDPOINT_URL_KINESIS: kinesis,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb,
      AWS_ENDPOINT_URL_S3: s3,
    },
    // With several, a slot moves among environments at random, and its newest commits are read again.
    maxEnvironments: 1,
  });
  try {
    await flights.feed(0, warmUpRows, perSecond);
    const before = batchesOf(flights);
    const startedMs = performance.now();
    calls.length = 0;
    await flights.feed(warmUpRows, rows, perSecond);
    const seconds = (performance.now() - startedMs) / 1_000;
    const after = batchesOf(flights);
    const counted = countedOf([...calls]);
    const batches = {
      source: after.source - before.source,
      exchange: after.exchange - before.exchange,
      rounds: counted.rounds,
      leadSeconds: seconds,
      // Whoever takes the lease looks at it as well, once in some minutes.
      standbySeconds: calls.filter(isStandbyLook).length / 2,
    };
    const events = after.events - before.events;
    // In batches instead of seconds: how many there are depends on how fast this machine is.
    const load: Workload = {
      ...defaultWorkload,
      eventsPerSecond: events / batches.source,
      elementBytes: counted.frameBytes / events,
      rowsPerSecond: counted.rows / batches.exchange,
      rowBytes: counted.rowBytes / counted.rows,
    };
    const told = requestsOf({ hasExchange: true }, load, batches);
    report(counted, { told, batches, events, seconds });
    expect(batches.source).toBeGreaterThan(20);
    // A window begins with a batch's first record and the next batch waits for its end: never more than one in a window.
    expect(Math.max(batches.source, batches.exchange)).toBeLessThanOrEqual(seconds * 1.05);
    for (const name of ["reads", "readUnits", "writes", "writeUnits"] as const)
      expectNear(name, told[name], counted[name]);
    // What the producer puts is in the price too.
    expectNear("put units", told.putUnits + told.producerPutUnits, counted.putUnits + events);
    // The flights have keyed stages behind others, whose ticks the estimate leaves out.
    expect(counted.putUnits / told.putUnits).toBeGreaterThan(0.9);
    expect(counted.putUnits / told.putUnits).toBeLessThan(1.4);
  } finally {
    await flights.close();
  }
});

function expectNear(name: string, told: number, counted: number): void {
  expect(told / counted, `${name}: ${told} told, ${counted} counted`).toBeGreaterThan(0.9);
  expect(told / counted, `${name}: ${told} told, ${counted} counted`).toBeLessThan(1.1);
}

function batchesOf({ deployment, stream }: FlightsOn) {
  const of = (isSource: boolean) =>
    deployment.mappings.find(({ configuration }) => (configuration.stream === stream) === isSource)!
      .figures;
  return {
    source: of(true).invocations,
    exchange: of(false).invocations,
    events: of(true).records,
  };
}

interface Input {
  readonly TableName?: string;
  readonly Item?: object;
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly S?: string }>>;
  readonly Records?: readonly { readonly Data: string }[];
}

interface Output {
  readonly Item?: object;
  readonly Items?: readonly object[];
}

const countNames = [
  ...([
    "reads",
    "readUnits",
    "writes",
    "writeUnits",
    "rows",
    "rowBytes",
    "rounds",
    "puts",
  ] as const),
  ...([
    "putUnits",
    "frameBytes",
    "objectPuts",
    "objectGets",
    "requestBytes",
    "responseBytes",
  ] as const),
];
type CountName = (typeof countNames)[number];

/** As AWS bills it: DynamoDB's units by items (all reads are consistent), Kinesis's by records; S3's requests. */
function countedOf(made: readonly CountedCall[]) {
  const counts = Object.fromEntries(countNames.map((name) => [name, 0])) as Record<
    CountName,
    number
  >;
  for (const call of made) {
    const { Item, TableName = "", Records = [], ...input } = (call.input ?? {}) as Input;
    if (notBilled.has(call.name)) continue;
    counts.requestBytes += call.requestBytes;
    counts.responseBytes += call.responseBytes;
    if (call.name === "GetItem" || call.name === "Query") {
      const found = call.output as Output;
      const items = found.Items ?? (found.Item === undefined ? [] : [found.Item]);
      counts.reads += 1;
      counts.readUnits += units(sumOf(items, itemBytes), 4_096);
      if (isRound(input)) counts.rounds += 1;
    }
    if (call.name === "PutItem") {
      const bytes = itemBytes(Item!);
      counts.writes += 1;
      counts.writeUnits += units(bytes, 1_024);
      if (!TableName.includes("JobTable")) {
        counts.rows += 1;
        counts.rowBytes += bytes;
      }
    }
    if (call.name === "PutRecords") {
      const sizes = Records.map(({ Data }) => Buffer.byteLength(Data, "base64"));
      counts.puts += 1;
      counts.putUnits += sumOf(sizes, (bytes) => units(bytes, 25_600));
      counts.frameBytes += sumOf(sizes, (bytes) => bytes);
    }
    if (call.name === "PUT object") counts.objectPuts += 1;
    if (call.name === "GET object") counts.objectGets += 1;
  }
  return counts;
}

const units = (bytes: number, size: number): number => Math.max(1, Math.ceil(bytes / size));

const sumOf = <T>(list: readonly T[], of: (one: T) => number): number =>
  list.reduce((sum, one) => sum + of(one), 0);

/** Twice a second: whoever doesn't lead asks for the lease's row. */
const isStandbyLook = ({ name, input }: CountedCall): boolean =>
  name === "GetItem" && JSON.stringify(input).includes("row#lease");

/** The coordinator lists all progress rows once a round. */
const isRound = ({ ExpressionAttributeValues: values }: Input): boolean =>
  Object.values(values ?? {}).some(({ S = "" }) => S.endsWith("#progress"));

interface Measured {
  readonly told: object;
  readonly batches: { readonly source: number; readonly exchange: number };
  readonly events: number;
  readonly seconds: number;
}

function report(counted: ReturnType<typeof countedOf>, measured: Measured): void {
  const { told, batches, events, seconds } = measured;
  const perMillion = (count: number): string =>
    Math.round((count / events) * 1e6).toLocaleString("en-US");
  const perSecond = (events / seconds).toFixed(0);
  const invocations = batches.source + batches.exchange;
  const { requestBytes, responseBytes } = counted;
  console.log({ counted, told, batches });
  console.log(
    `at ${perSecond} events a second, a million events: ${perMillion(invocations)} invocations, ` +
      `${perMillion(requestBytes)} bytes sent to stores and ${perMillion(responseBytes)} read`,
  );
}
