import { expect, test } from "vitest";
import { putRecords } from "../../../dev/put-records.ts";
import type { Clock, PutEntry } from "../../../runtime/ports/index.ts";

const clock: Clock = { nowMs: () => 0, sleep: async () => {} };
const entriesUpTo = (count: number): readonly PutEntry[] =>
  Array.from({ length: count }, (_, at) => ({
    partitionKey: `key-${at}`,
    data: new Uint8Array([at]),
  }));

/** Takes what `accepts` lets through, and keeps how large each put was. */
function recordingWriter(accepts: (put: number, at: number) => boolean) {
  const keys: string[] = [];
  const putSizes: number[] = [];
  return {
    keys,
    putSizes,
    async put(_stream: string, entries: readonly PutEntry[]) {
      const put = putSizes.push(entries.length) - 1;
      return entries.map(({ partitionKey }, at) => {
        const isPut = accepts(put, at);
        if (isPut) keys.push(partitionKey);
        return { put: isPut };
      });
    },
  };
}

test("what the stream refuses is put again, once, before this returns", async () => {
  // The first put loses every third record, the second all, the third none.
  const writer = recordingWriter((put, at) => (put === 0 ? at % 3 !== 0 : put !== 1));
  const entries = entriesUpTo(100);
  await putRecords({ writer, stream: "flights", entries, clock });
  expect(writer.putSizes).toEqual([100, 34, 34]);
  expect(writer.keys.toSorted()).toEqual(
    entries.map(({ partitionKey }) => partitionKey).toSorted(),
  );
});

test("a stream that takes nothing at all is given up, and the error names it and the record", async () => {
  const writer = recordingWriter(() => false);
  await expect(
    putRecords({ writer, stream: "flights", entries: entriesUpTo(2), clock }),
  ).rejects.toMatchObject({
    code: "append-throttled",
    retryable: true,
    message: expect.stringContaining('"flights" refused the record of partition key "key-0"'),
  });
});

test("whoever is stopped gives up without an error", async () => {
  const writer = recordingWriter(() => false);
  const isStopped = () => writer.putSizes.length === 3;
  await putRecords({ writer, stream: "flights", entries: entriesUpTo(2), clock, isStopped });
  expect(writer.putSizes).toEqual([2, 2, 2]);
});

test("a put that throws is the caller's to decide", async () => {
  const writer = { put: () => Promise.reject(new Error("no such stream")) };
  await expect(
    putRecords({ writer, stream: "flights", entries: entriesUpTo(1), clock }),
  ).rejects.toThrow("no such stream");
});
