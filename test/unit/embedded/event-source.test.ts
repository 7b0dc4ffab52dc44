import type { KinesisStreamBatchResponse, KinesisStreamEvent } from "aws-lambda";
import { expect, test } from "vitest";
import { controlCheckpoints } from "../../../runtime/embedded/control-checkpoints.ts";
import { type EventSourceOptions, runEventSource } from "../../../runtime/embedded/event-source.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";

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

test("a failed identifier that is not in the batch fails all of it, as in Lambda", async () => {
  const ports = await endedStream("ab");
  let failures = 1;
  const answer = () => (failures-- > 0 ? { batchItemFailures: [{ itemIdentifier: "999" }] } : done);
  expect(await invocations(ports, answer, { until: "b" })).toEqual(["ab", "ab"]);
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
