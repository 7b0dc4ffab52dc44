import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { storeError } from "../errors/millrace-error.ts";
import type { Clock, Random } from "../ports/environment.ts";
import type { ByteRange, ObjectStore } from "../ports/object-store.ts";
import { retry, type RetryPolicy, type RetryPorts } from "../retry/retry.ts";
import { calling, isNamed, statusOf } from "./aws-errors.ts";

export interface S3ObjectStoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
  /** Put before every key, for example `jobs/`; the keys that callers see don't have it. Default: none. */
  readonly prefix?: string;
  /** Waits between the tries of a put that S3 answers with a conflict. */
  readonly clock: Clock;
  readonly random: Random;
}

const conflicts: RetryPolicy = { triesMax: 5, firstPauseMs: 50, pauseMaxMs: 1_000 };
/** What one DeleteObjects takes (Amazon S3 API reference). */
const deletedAtOnceMax = 1_000;

/**
 * Objects of one bucket. S3 promises that reads and lists see every finished write.
 * A put with `ifAbsent` whose answer was lost and that the SDK tried again answers false: give such keys a nonce.
 */
export function s3ObjectStore({
  client,
  bucket,
  prefix = "",
  clock,
  random,
}: S3ObjectStoreOptions): ObjectStore {
  const resource = `bucket "${bucket}"`;
  const at = (key: string) => ({ Bucket: bucket, Key: prefix + key });
  return {
    async put(key, data, { ifAbsent = false } = {}) {
      const condition = ifAbsent ? { IfNoneMatch: "*" } : {};
      const tryToPut = async () => {
        const command = new PutObjectCommand({ ...at(key), ...condition, Body: data });
        await client.send(command, { requestTimeout: putTimeoutMs(data) });
      };
      return calling({ resource, action: "s3:PutObject" }, () =>
        untilSettled({ key, ports: { clock, random }, put: tryToPut }),
      );
    },

    async get(key, range) {
      return calling({ resource, action: "s3:GetObject" }, async () => {
        const command = new GetObjectCommand({
          ...at(key),
          ...(range && { Range: rangeText(range) }),
        });
        try {
          const { Body } = await client.send(command);
          return (await Body?.transformToByteArray()) ?? new Uint8Array(0);
        } catch (error) {
          if (isNamed(error, "NoSuchKey")) return undefined;
          if (isNamed(error, "InvalidRange")) return new Uint8Array(0);
          throw error;
        }
      });
    },

    list: (within) => listKeys({ client, bucket, prefix, within }),

    async delete(keys) {
      for (let first = 0; first < keys.length; first += deletedAtOnceMax)
        await deleteSome(
          { client, bucket },
          keys.slice(first, first + deletedAtOnceMax).map((key) => prefix + key),
        );
    },
  };
}

/** The client's own time-out is for small objects; this is for a hundredth of what Lambda's network gives. */
const putTimeoutMs = ({ length }: Uint8Array): number => 5_000 + length / 1_000;

interface ConditionalUpload {
  readonly key: string;
  readonly ports: RetryPorts;
  readonly put: () => Promise<void>;
}

/** S3 answers 416 where the object ends before the first byte, one without bytes included. */
function rangeText({ from, maxBytes }: ByteRange): string {
  return `bytes=${from}-${from + maxBytes - 1}`;
}

/** 412 says that the key exists; 409 that another put or delete of it is under way, and that one should try again. */
async function untilSettled({ key, ports, put }: ConditionalUpload): Promise<boolean> {
  let isPut = false;
  let cause: unknown;
  const isSettled = await retry(ports, conflicts, async () => {
    try {
      await put();
      isPut = true;
      return "done";
    } catch (error) {
      if (statusOf(error) === 412) return "done";
      if (statusOf(error) !== 409) throw error;
      cause = error;
      return "failed";
    }
  });
  if (isSettled) return isPut;
  throw storeError("store-conflict", {
    message: `Others were writing the object "${key}" in each of ${conflicts.triesMax} tries.`,
    retryable: true,
    cause,
  });
}

/** The answer names the objects that could not be deleted; those that were not there count as deleted. */
async function deleteSome(
  { client, bucket }: Pick<S3ObjectStoreOptions, "client" | "bucket">,
  keys: readonly string[],
): Promise<void> {
  const command = new DeleteObjectsCommand({
    Bucket: bucket,
    Delete: { Objects: keys.map((Key) => ({ Key })), Quiet: true },
  });
  const about = { resource: `bucket "${bucket}"`, action: "s3:DeleteObject" };
  const { Errors: [first] = [] } = await calling(about, () => client.send(command));
  if (first === undefined) return;
  throw storeError("objects-not-deleted", {
    message: `The object "${first.Key}" of bucket "${bucket}" was not deleted: ${first.Code} ${first.Message}.`,
    next: "It is tried again with the next collection; look at the bucket's policy and locks if this lasts.",
    retryable: first.Code === "InternalError" || first.Code === "SlowDown",
  });
}

interface Listing {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix: string;
  readonly within: string;
}

async function* listKeys({ client, bucket, prefix, within }: Listing): AsyncGenerator<string> {
  let after: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix + within,
      ...(after !== undefined && { ContinuationToken: after }),
    });
    const about = { resource: `bucket "${bucket}"`, action: "s3:ListBucket" };
    const page = await calling(about, () => client.send(command));
    for (const { Key } of page.Contents ?? [])
      if (Key !== undefined) yield Key.slice(prefix.length);
    after = page.NextContinuationToken;
  } while (after !== undefined);
}
