import { afterAll, beforeAll } from "vitest";
import type { AwsClients } from "../../runtime/aws/clients.ts";
import { dynamodbCommitLog } from "../../runtime/aws/dynamodb-commit-log.ts";
import { dynamodbControlTable } from "../../runtime/aws/dynamodb-control-table.ts";
import { dynamodbKeyedTable } from "../../runtime/aws/dynamodb-keyed-table.ts";
import { kinesisStreamReader } from "../../runtime/aws/kinesis-stream-reader.ts";
import { kinesisStreamWriter } from "../../runtime/aws/kinesis-stream-writer.ts";
import { s3ObjectStore } from "../../runtime/aws/s3-object-store.ts";
import { systemClock, systemRandom } from "../../runtime/node/system-environment.ts";
import { jobTableSchema } from "./aws-admin.ts";
import { awsWorld, type AwsWorld } from "./aws-world.ts";
import { commitLogContract } from "./commit-log.contract.ts";
import { controlTableContract } from "./control-table.contract.ts";
import { fileSinkContract } from "./file-sink.contract.ts";
import { keyedTableContract } from "./keyed-table.contract.ts";
import { objectStoreContract } from "./object-store.contract.ts";
import { hurriedClock } from "./stream-fixture.ts";
import { streamsContract } from "./streams.contract.ts";

/** The job table, which log and control share here as they do in AWS. */
const table = "jobs";
let world: AwsWorld;

beforeAll(async () => {
  world = await awsWorld({ pageKeysMax: 3 });
  await world.createTable(table, jobTableSchema);
});
afterAll(() => world.close());

/** The world outlives the ports. */
const fixture = <Port>(port: Port) => ({ port, close: async () => {} });

commitLogContract("DynamoDB (dynalite)", async () =>
  fixture(dynamodbCommitLog({ client: world.clients.dynamodb, table })),
);

controlTableContract("DynamoDB (dynalite)", async () =>
  fixture(dynamodbControlTable({ client: world.clients.dynamodb, table })),
);

keyedTableContract("DynamoDB (dynalite)", async () => ({
  ...fixture(
    dynamodbKeyedTable({
      client: world.clients.dynamodb,
      clock: systemClock,
      random: systemRandom,
    }),
  ),
  createTable: world.createTable,
}));

const s3StoreAt = (prefix: string) => async () => {
  const clock = { nowMs: () => 0, sleep: async () => {} };
  const { s3: client } = world.clients;
  return fixture(s3ObjectStore({ client, bucket: "state", prefix, clock, random: systemRandom }));
};
objectStoreContract("S3 (a double of ours)", s3StoreAt("jobs/"));
fileSinkContract("S3 (a double of ours)", s3StoreAt("_files/"));

streamsContract(
  "Kinesis (kinesalite)",
  async () => {
    // The suites share the names of streams: each gets streams of its own.
    const own = await awsWorld();
    const client = own.clients.kinesis;
    const emptyPages = withEmptyPages(client);
    return {
      reader: kinesisStreamReader({ client, clock: hurriedClock() }),
      writer: kinesisStreamWriter({ client }),
      createStream: (stream, { shards }) => own.createStream(stream, shards),
      split: own.split,
      merge: own.merge,
      answerEmptyPages: emptyPages,
      close: own.close,
    };
  },
  { canEnd: false },
);

/** As Kinesis answers from parts of a shard that hold nothing: no records, behind the tip, and an iterator to go on with. */
function withEmptyPages(client: AwsClients["kinesis"]): (count: number) => void {
  let left = 0;
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName !== "GetRecordsCommand" || left === 0) return next(args);
        left -= 1;
        const { ShardIterator } = args.input as { readonly ShardIterator: string };
        const output = {
          Records: [],
          NextShardIterator: ShardIterator,
          MillisBehindLatest: 60_000,
          $metadata: {},
        };
        return { output: output as never, response: {} };
      },
    { step: "initialize" },
  );
  return (count) => {
    left = count;
  };
}
