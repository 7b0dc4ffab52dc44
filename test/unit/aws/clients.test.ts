import { createServer, type Server } from "node:http";
import { type AddressInfo } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { awsClients, closeClients, requestTimeoutsMs } from "../../../runtime/aws/clients.ts";
import { dynamodbControlTable } from "../../../runtime/aws/dynamodb-control-table.ts";
import { kinesisStreamWriter } from "../../../runtime/aws/kinesis-stream-writer.ts";
import { s3ObjectStore } from "../../../runtime/aws/s3-object-store.ts";
import { defaultCoordinatorSettings } from "../../../runtime/coordinator/options.ts";
import { systemClock, systemRandom } from "../../../runtime/node/system-environment.ts";

let server: Server;
let clients: ReturnType<typeof awsClients>;
function clientsOf(patience: number) {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return awsClients({
    region: "eu-central-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    endpoints: { dynamodb: endpoint, kinesis: endpoint, s3: endpoint },
    maxAttempts: 1,
    patience,
  });
}

/** A service that takes every request, and never answers. */
beforeEach(async () => {
  server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  clients = clientsOf(1);
});
afterEach(() => {
  closeClients(clients);
  server.closeAllConnections();
  server.close();
});

test("no time-out is as long as the coordinator's lease", () => {
  const { leaseMs } = defaultCoordinatorSettings;
  expect(Math.max(...Object.values(requestTimeoutsMs))).toBeLessThan(leaseMs);
});

test.each([
  ["DynamoDB after 1 s", 1_000, () => controlRow()],
  ["PutRecords after 2 s", 2_000, () => put()],
  ["S3 after 5 s", 5_000, () => object()],
] as const)("a call that hangs is given up by %s, and may be tried again", async (_, ms, call) => {
  const startedMs = performance.now();
  // The lease would be lost then. A timer of the same process is late where the call's own is late.
  const isOver = new AbortController();
  const lease = pause(defaultCoordinatorSettings.leaseMs, "lost", { signal: isOver.signal });
  await expect(Promise.race([call(), lease])).rejects.toMatchObject({ retryable: true });
  expect(performance.now() - startedMs).toBeGreaterThan(ms * 0.9);
  isOver.abort();
  await expect(lease).rejects.toThrow();
});

test.each([
  ["a read", () => object()],
  ["PutRecords, which has a time-out of its own", () => put()],
  ["a large object, which is given time by its size", () => largeObject()],
] as const)("patience is that of every call: of %s", async (_, call) => {
  const usual = call().catch(() => "usual");
  const others = clients;
  clients = clientsOf(0.1);
  const impatient = call().catch(() => "impatient");
  expect(await Promise.race([usual, impatient])).toBe("impatient");
  closeClients(others);
});

const controlRow = () =>
  dynamodbControlTable({ client: clients.dynamodb, table: "t" }).get({
    partition: "p",
    sort: "s",
  });
const put = () =>
  kinesisStreamWriter({ client: clients.kinesis }).put("s", [
    { partitionKey: "p", data: new Uint8Array(1) },
  ]);
const object = () =>
  s3ObjectStore({ client: clients.s3, bucket: "b", clock: systemClock, random: systemRandom }).get(
    "k",
  );
const largeObject = () =>
  s3ObjectStore({ client: clients.s3, bucket: "b", clock: systemClock, random: systemRandom }).put(
    "k",
    new Uint8Array(1_000),
  );
