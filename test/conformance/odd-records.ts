import { type KinesisClient, PutRecordsCommand } from "@aws-sdk/client-kinesis";
import { kinesisEvent } from "../../runtime/event-source/kinesis-event.ts";
import type { DeadLetterObject, DeployedApp } from "./deployed-app.ts";
import { pacedReader } from "./stream-contents.ts";
import type { DeployedStack } from "./worlds/world.ts";

/** No JSON at all. */
const poison = "}{ poison";

export async function putPoison(client: KinesisClient, stream: string): Promise<void> {
  const Data = new TextEncoder().encode(poison);
  const { FailedRecordCount = 0 } = await client.send(
    new PutRecordsCommand({ StreamName: stream, Records: [{ PartitionKey: "poison", Data }] }),
  );
  if (FailedRecordCount > 0) throw new Error(`Stream ${stream} did not take the poisoned record.`);
}

/** The poisoned record is kept with its payload and a reason, once; everything else was refused by the schema. */
export function checkPoison(
  letters: readonly DeadLetterObject[],
  { refused }: { readonly refused: number },
): readonly string[] {
  const found = letters.filter(({ payload }) => payload === poison);
  const differences: string[] = [];
  if (found.length !== 1) differences.push(`${found.length} dead letters hold the poisoned record`);
  for (const { kind, reason, key } of found)
    if (kind !== "undecodable" || reason.length === 0)
      differences.push(`${key}: kind "${kind}", reason "${reason}"`);
  if (letters.length !== refused)
    differences.push(`${letters.length} dead letters, but ${refused} records can't be read`);
  return differences;
}

export interface RedeliverOptions {
  readonly deployed: DeployedApp;
  readonly stack: DeployedStack;
  readonly stream: string;
}

const redeliveredMax = 100;

/** Hands the oldest records of every shard over again, as an event source mapping may; answers how many. */
export async function redeliverOldest({
  deployed,
  stack,
  stream,
}: RedeliverOptions): Promise<number> {
  const reader = pacedReader(deployed.ports.reader, deployed.ports.clock);
  let count = 0;
  for (const { shardId } of await reader.listShards(stream)) {
    const { records } = await reader.read({
      stream,
      shardId,
      from: { kind: "earliest" },
      maxRecords: redeliveredMax,
    });
    if (records.length === 0) continue;
    const streamArn = `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`;
    const event = kinesisEvent({ streamArn, region: "us-east-1", shardId }, records);
    await stack.invokeProcess(JSON.stringify(event));
    count += records.length;
  }
  return count;
}
