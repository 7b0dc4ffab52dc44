import {
  PutRecordsCommand,
  type KinesisClient,
  type PutRecordsResultEntry,
} from "@aws-sdk/client-kinesis";
import { isMillraceError } from "../errors/millrace-error.ts";
import type { PutEntry, PutResult, StreamWriter } from "../ports/streams.ts";
import { calling } from "./aws-errors.ts";
import { decimalOfHex } from "./hash-position.ts";
import { identityOf } from "./stream-identity.ts";
import { checkPut, entryBytes } from "../serde/put-limits.ts";

export interface KinesisWriterOptions {
  readonly client: KinesisClient;
  /** The stream's name in AWS, or the ARN of one of another account, by the name that the job gives it. Default: the same. */
  readonly streamName?: (stream: string) => string;
}

/** Of the records and partition keys of one request: what every region and emulator accepts. */
const maxRequestBytes = 5 * 1024 * 1024;

/** Shorter than the client's own: a tick that hangs holds up all others. */
const putTimeoutMs = 2_000;

const throttleCodes = new Set([
  "ProvisionedThroughputExceededException",
  "KMSThrottlingException",
  "ThrottlingException",
]);

/** Writes with PutRecords, in as many requests as their bytes need, one after the other. */
export function kinesisStreamWriter(options: KinesisWriterOptions): StreamWriter {
  const { client, streamName = (stream: string) => stream } = options;
  return {
    async put(stream, entries) {
      checkPut(stream, entries);
      const results: PutResult[] = [];
      for (const request of requestsOf(entries)) {
        try {
          results.push(
            ...(await putRecords({ client, stream: streamName(stream), entries: request })),
          );
        } catch (error) {
          // What was put by an earlier request must not be reported as lost.
          if (results.length === 0 || !isMillraceError(error) || !error.retryable) throw error;
          const reason = error.code === "store-throttled" ? "throttled" : "failed";
          results.push(...request.map(() => ({ put: false, reason }) as const));
        }
      }
      return results;
    },
  };
}

interface PutRequest {
  readonly client: KinesisClient;
  readonly stream: string;
  readonly entries: readonly PutEntry[];
}

async function putRecords({ client, stream, entries }: PutRequest): Promise<PutResult[]> {
  const command = new PutRecordsCommand({
    ...identityOf(stream),
    Records: entries.map(({ partitionKey, explicitHash, data }) => ({
      PartitionKey: partitionKey,
      Data: data,
      ...(explicitHash !== undefined && { ExplicitHashKey: decimalOfHex(explicitHash) }),
    })),
  });
  const about = { resource: `stream "${stream}"`, action: "kinesis:PutRecords" };
  const options = { requestTimeout: putTimeoutMs };
  const { Records } = await calling(about, () => client.send(command, options));
  return Records!.map(resultOf);
}

function resultOf({ ErrorCode, ShardId, SequenceNumber }: PutRecordsResultEntry): PutResult {
  if (ShardId !== undefined && SequenceNumber !== undefined) {
    return { put: true, shardId: ShardId, sequence: SequenceNumber };
  }
  return { put: false, reason: throttleCodes.has(ErrorCode ?? "") ? "throttled" : "failed" };
}

function requestsOf(entries: readonly PutEntry[]): PutEntry[][] {
  const requests: PutEntry[][] = [];
  let bytes = Infinity;
  for (const entry of entries) {
    if (bytes + entryBytes(entry) > maxRequestBytes) {
      requests.push([]);
      bytes = 0;
    }
    requests.at(-1)!.push(entry);
    bytes += entryBytes(entry);
  }
  return requests;
}
