import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { afterAll } from "vitest";
import { startDynamodbLocal } from "../../localstack/emulators/dynamodb-local.ts";
import { localClientIdentity } from "../../localstack/emulators/emulators.ts";
import { startKinesisLocal } from "../../localstack/emulators/kinesis-local.ts";
import { startKinesalite } from "../../localstack/emulators/kinesalite.ts";
import { startLocalStack } from "../../localstack/emulators/localstack.ts";
import { startMoto } from "../../localstack/emulators/moto.ts";
import type { ChildServer } from "../../localstack/emulators/child-server.ts";
import { awsClients, type AwsClients } from "../../runtime/aws/clients.ts";
import { dynamodbCommitLog } from "../../runtime/aws/dynamodb-commit-log.ts";
import { dynamodbControlTable } from "../../runtime/aws/dynamodb-control-table.ts";
import { dynamodbKeyedTable } from "../../runtime/aws/dynamodb-keyed-table.ts";
import { kinesisStreamReader } from "../../runtime/aws/kinesis-stream-reader.ts";
import { kinesisStreamWriter } from "../../runtime/aws/kinesis-stream-writer.ts";
import { s3ObjectStore } from "../../runtime/aws/s3-object-store.ts";
import { systemClock, systemRandom } from "../../runtime/node/system-environment.ts";
import { awsAdmin, jobTableSchema } from "../contract/aws-admin.ts";
import { commitLogContract } from "../contract/commit-log.contract.ts";
import { controlTableContract } from "../contract/control-table.contract.ts";
import { keyedTableContract } from "../contract/keyed-table.contract.ts";
import { objectStoreContract } from "../contract/object-store.contract.ts";
import type { StreamFixture } from "../contract/stream-fixture.ts";
import { streamsContract } from "../contract/streams.contract.ts";

const started: ChildServer[] = [];
afterAll(async () => void (await Promise.all(started.map((server) => server.stop()))));

/** Starts an emulator at its first use; the suites of this file share it. */
function clientsOf(start: () => Promise<ChildServer>): () => Promise<AwsClients> {
  let clients: Promise<AwsClients> | undefined;
  return () =>
    (clients ??= start().then((server) => {
      started.push(server);
      return awsClients({
        ...localClientIdentity,
        endpoints: { dynamodb: server.url, kinesis: server.url, s3: server.url },
      });
    }));
}

const fixture = <Port>(port: Port) => ({ port, close: async () => {} });

const dynamodb = clientsOf(startDynamodbLocal);

async function jobTable(table: string) {
  const clients = await dynamodb();
  await awsAdmin(clients).createTable(table, jobTableSchema);
  return { client: clients.dynamodb, table };
}

commitLogContract("DynamoDB Local", async () => fixture(dynamodbCommitLog(await jobTable("log"))));

controlTableContract("DynamoDB Local", async () =>
  fixture(dynamodbControlTable(await jobTable("control"))),
);

keyedTableContract("DynamoDB Local", async () => {
  const clients = await dynamodb();
  return {
    ...fixture(
      dynamodbKeyedTable({ client: clients.dynamodb, clock: systemClock, random: systemRandom }),
    ),
    createTable: awsAdmin(clients).createTable,
  };
});

const streams = [
  { name: "kinesis-local", start: startKinesisLocal, dividesEvenly: false },
  { name: "kinesalite in a process of its own", start: startKinesalite, dividesEvenly: true },
];

for (const { name, start, dividesEvenly } of streams)
  streamsContract(
    name,
    async (): Promise<StreamFixture> => {
      // The suites share the names of streams: each gets an emulator of its own.
      const clients = await clientsOf(start)();
      const { createStream, split, merge } = awsAdmin(clients);
      return {
        reader: kinesisStreamReader({ client: clients.kinesis, clock: systemClock }),
        writer: kinesisStreamWriter({ client: clients.kinesis }),
        createStream: (stream, { shards }) => createStream(stream, shards),
        split,
        merge,
        close: async () => {},
      };
    },
    { canEnd: false, dividesEvenly },
  );

const objects = {
  LocalStack: clientsOf(() => startLocalStack()),
  moto: clientsOf(() => startMoto()),
};

for (const [name, connect] of Object.entries(objects))
  objectStoreContract(`S3 (${name})`, async () => {
    const { s3 } = await connect();
    await s3.send(new CreateBucketCommand({ Bucket: "state" }));
    const clock = { nowMs: () => Date.now(), sleep: async () => {} };
    return fixture(
      s3ObjectStore({ client: s3, bucket: "state", prefix: "jobs/", clock, random: systemRandom }),
    );
  });
