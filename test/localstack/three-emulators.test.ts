import { afterAll, beforeAll, expect, test } from "vitest";
import type { ChildServer } from "../../localstack/emulators/child-server.ts";
import { startDynamodbLocal } from "../../localstack/emulators/dynamodb-local.ts";
import { startKinesisLocal } from "../../localstack/emulators/kinesis-local.ts";
import { startLocalStack } from "../../localstack/emulators/localstack.ts";
import { localIdentity } from "../../localstack/emulators/emulators.ts";
import { flightsOn } from "./flights-on.ts";

let servers: readonly ChildServer[] = [];

beforeAll(async () => {
  const starting = [startKinesisLocal(), startDynamodbLocal(), startLocalStack()];
  const outcomes = await Promise.allSettled(starting);
  servers = outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  await Promise.all(starting);
});
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** kinesis-local slows down with what it stores. */
const rows = 3_000;

test("without CloudFormation, the template's streams are made in kinesis-local, its tables in DynamoDB Local and its bucket in LocalStack, and the flights come out right", async () => {
  const [kinesis, dynamodb, s3] = servers as [ChildServer, ChildServer, ChildServer];
  const flights = await flightsOn({
    outside: {
      ...localIdentity,
      AWS_ENDPOINT_URL_KINESIS: kinesis.url,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
      AWS_ENDPOINT_URL_S3: s3.url,
    },
  });
  try {
    const { resources } = flights.deployment;
    expect(new Set(resources.map(({ by }) => by))).toEqual(new Set(["the provisioner"]));
    await flights.expectRight(rows);
  } finally {
    await flights.close();
  }
});
