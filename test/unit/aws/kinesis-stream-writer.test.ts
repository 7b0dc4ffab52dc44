import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { expect, test } from "vitest";
import { kinesisStreamWriter } from "../../../runtime/aws/kinesis-stream-writer.ts";

const megabyte = { partitionKey: "k", data: new Uint8Array(1_000_000) };

/** A client whose calls end one after the other as given: with an error, or with all of the entries put. */
function clientThat(...ends: readonly (Error | undefined)[]): KinesisClient {
  const left = [...ends];
  const send = async ({ input }: { input: { Records: readonly unknown[] } }) => {
    const end = left.shift();
    if (end !== undefined) throw end;
    return {
      Records: input.Records.map((_, index) => ({ ShardId: "s", SequenceNumber: String(index) })),
    };
  };
  return { send } as unknown as KinesisClient;
}
const named = (name: string) => Object.assign(new Error("said"), { name });
const putsOf = (client: KinesisClient) =>
  kinesisStreamWriter({ client }).put("clicks", Array(7).fill(megabyte));

test("what an earlier request put stays reported as put when a later one is throttled", async () => {
  const results = await putsOf(
    clientThat(undefined, named("ProvisionedThroughputExceededException")),
  );
  expect(results.map((result) => result.put || result.reason)).toEqual([
    ...Array(5).fill(true),
    "throttled",
    "throttled",
  ]);
});

test("a failure that no retry helps is thrown whatever was put before", async () => {
  const put = putsOf(clientThat(undefined, named("AccessDeniedException")));
  await expect(put).rejects.toMatchObject({ code: "store-access-denied" });
});

test("a throttle before anything was put is a retryable error", async () => {
  const put = putsOf(clientThat(named("ProvisionedThroughputExceededException")));
  await expect(put).rejects.toMatchObject({ code: "store-throttled", retryable: true });
});

test("a stream of another account is put to by its ARN, every other one by its name", async () => {
  const called: object[] = [];
  const client = {
    send: async ({ input }: { input: { Records: readonly unknown[] } }) => {
      const { Records: records, ...identity } = input;
      called.push(identity);
      return { Records: records.map(() => ({ ShardId: "s", SequenceNumber: "1" })) };
    },
  } as unknown as KinesisClient;
  const arn = "arn:aws:kinesis:eu-west-1:444455556666:stream/clicks";
  const writer = kinesisStreamWriter({
    client,
    streamName: (stream) => (stream === "clicks" ? arn : stream),
  });
  for (const stream of ["clicks", "own"]) await writer.put(stream, [megabyte]);
  expect(called).toEqual([{ StreamARN: arn }, { StreamName: "own" }]);
});
