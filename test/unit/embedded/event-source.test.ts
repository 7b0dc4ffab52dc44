import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { expect, test } from "vitest";
import { controlCheckpoints } from "../../../runtime/embedded/control-checkpoints.ts";
import { type EventSourceOptions, runEventSource } from "../../../runtime/embedded/event-source.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";
import { stateError, storeError } from "../../../runtime/errors/millrace-error.ts";
import type { ReadRequest, StreamReader } from "../../../runtime/ports/index.ts";

const done: KinesisStreamBatchResponse = { batchItemFailures: [] };
const textsOf = (event: KinesisStreamEvent): string =>
  event.Records.map(({ kinesis }) => Buffer.from(kinesis.data, "base64").toString()).join("");

/** A stream of one shard that holds a record per letter, and is over. */
async function endedStream(letters: string) {
  const clock = { nowMs: () => 0, sleep: () => Promise.resolve() };
  const ports = memoryPorts({ clock });
  await ports.admin.createStream("in", { shards: 1 });
  const entries = Array.from(letters, (letter) => ({
    partitionKey: letter,
    data: Buffer.from(letter),
  }));
  await ports.writer.put("in", entries);
  await ports.admin.endStream("in");
  return ports;
}

/** Runs an event source until the last letter was handed over with success; answers what each invocation was given. */
async function invocations(
  ports: Awaited<ReturnType<typeof endedStream>>,
  answer: (texts: string, event: KinesisStreamEvent) => KinesisStreamBatchResponse,
  options: Partial<EventSourceOptions> & { readonly until: string },
): Promise<readonly string[]> {
  const given: string[] = [];
  let stopped = false;
  await runEventSource({
    stream: "in",
    reader: ports.reader,
    clock: { nowMs: () => 0, sleep: () => new Promise((resolve) => setImmediate(resolve)) },
    random: ports.random,
    invoke: (event) => {
      const texts = textsOf(event);
      given.push(texts);
      const response = answer(texts, event);
      if (texts.endsWith(options.until) && response.batchItemFailures.length === 0)
        setImmediate(() => setImmediate(() => (stopped = true)));
      return Promise.resolve(response);
    },
    batchSize: 4,
    batchWindowMs: 0,
    pollMs: 1,
    accepts: () => true,
    isStopped: () => stopped,
    ...options,
  });
  return given;
}

test("records are handed over in batches, in the order of their shard", async () => {
  const ports = await endedStream("abcdef");
  expect(await invocations(ports, () => done, { until: "f" })).toEqual(["abcd", "ef"]);
});

test("a batch is handed over again from its first failed record on", async () => {
  const ports = await endedStream("abcd");
  let failures = 1;
  const answer = (_: string, event: KinesisStreamEvent) =>
    failures-- > 0
      ? { batchItemFailures: [{ itemIdentifier: event.Records[2]?.kinesis.sequenceNumber ?? "" }] }
      : done;
  expect(await invocations(ports, answer, { until: "d" })).toEqual(["abcd", "cd"]);
});

test("a batch that keeps failing as a whole is tried in halves", async () => {
  const ports = await endedStream("abcd");
  const given = await invocations(
    ports,
    (texts) => {
      if (texts.length > 1) throw new Error("too many");
      return done;
    },
    { until: "d" },
  );
  expect(given.filter((texts) => texts.length === 1).join("")).toBe("abcd");
});

test("a failed identifier that is not in the batch fails all of it, which is halved as in Lambda", async () => {
  const ports = await endedStream("ab");
  let failures = 1;
  const answer = () => (failures-- > 0 ? { batchItemFailures: [{ itemIdentifier: "999" }] } : done);
  expect(await invocations(ports, answer, { until: "b" })).toEqual(["ab", "a", "b"]);
});

test("a restarted event source goes on behind what succeeded", async () => {
  const ports = await endedStream("abcdef");
  const checkpoints = controlCheckpoints(ports.control, "job", "in");
  await invocations(ports, () => done, { until: "f", checkpoints });
  const saved = await checkpoints.load("shardId-000000000000");
  expect(saved).toBe("6");
  await checkpoints.save("shardId-000000000000", "4");
  expect(await invocations(ports, () => done, { until: "f", checkpoints })).toEqual(["ef"]);
});

test("what no retry can help ends it with the error, after all shards have stopped", async () => {
  const ports = await endedStream("abcdef");
  let invoked = 0;
  const damaged = stateError("format-corrupt", { message: "damaged" });
  const answer = () => {
    invoked += 1;
    throw damaged;
  };
  await expect(invocations(ports, answer, { until: "f" })).rejects.toBe(damaged);
  expect(invoked).toBeLessThanOrEqual(10);
});

test("what nobody thought of is tried longer, and ends it as well", async () => {
  const ports = await endedStream("abcdef");
  const bug = new TypeError("undefined is not a function");
  const answer = () => {
    throw bug;
  };
  await expect(invocations(ports, answer, { until: "f" })).rejects.toBe(bug);
});

test("a store that is busy is asked again, for shards and for records", async () => {
  const ports = await endedStream("abcdef");
  let failures = 0;
  /** Every other call fails. */
  const busy = <Answer>(call: () => Promise<Answer>) => {
    let calls = 0;
    return async (): Promise<Answer> => {
      if (calls++ % 2 === 1) return await call();
      failures += 1;
      throw storeError("store-busy", { message: "busy", retryable: true });
    };
  };
  let request: ReadRequest;
  const list = busy(() => ports.reader.listShards("in"));
  const read = busy(() => ports.reader.read(request));
  const reader: StreamReader = {
    listShards: list,
    read: async (asked) => {
      request = asked;
      return await read();
    },
  };
  expect(await invocations(ports, () => done, { until: "f", reader })).toEqual(["abcd", "ef"]);
  expect(failures).toBeGreaterThan(2);
});
