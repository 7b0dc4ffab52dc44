import { expect, test } from "vitest";
import { mappingWorld } from "./mapping-world.ts";

test("hands the records of a shard over in their order, in batches of the size", async () => {
  const world = await mappingWorld({ batchSize: 3 });
  await world.put("a", "b", "c", "d", "e", "f", "g");
  await world.untilHandedOver(7);
  expect(world.batches()).toEqual(["abc", "def", "g"]);
  await world.stop();
});

test("gathers records until the batch window, which begins with the first record, is over", async () => {
  const world = await mappingWorld({ batchSize: 100, batchWindowMs: 5_000 });
  await world.advance(20_000);
  await world.put("a");
  await world.advance(3_000);
  await world.put("b");
  expect(world.batches()).toEqual([]);
  await world.advance(3_500);
  expect(world.batches()).toEqual(["ab"]);
  await world.stop();
});

test("cuts a batch where its payload would be more than 6 MB", async () => {
  const world = await mappingWorld({ batchSize: 100 });
  // A megabyte is 1.4 MB in base64.
  await world.putBytes(Array.from({ length: 10 }, () => new Uint8Array(1_000_000)));
  await world.untilHandedOver(10);
  expect(world.events().map(({ Records }) => Records.length)).toEqual([4, 4, 2]);
  for (const event of world.events())
    expect(JSON.stringify(event).length).toBeLessThan(6 * 1024 * 1024);
  await world.stop();
});

test("goes through a parent to its end before its children, and loses nothing of either", async () => {
  const world = await mappingWorld({ batchSize: 2 });
  world.answers.push(...Array.from({ length: 3 }, () => world.failure));
  await world.put("a", "b", "c");
  await world.split();
  await world.putEvenly("v", "w", "x", "y");
  await world.untilHandedOver(7);
  const parents = world.events().map(({ Records }) => Records[0]!.eventID.split(":")[0]);
  expect(parents.lastIndexOf("shardId-000000000000")).toBeLessThan(
    parents.findIndex((shardId) => shardId !== "shardId-000000000000"),
  );
  expect(world.succeeded().toSorted()).toEqual(["a", "b", "c", "v", "w", "x", "y"]);
  await world.stop();
});

test("begins at the latest in the shards that are there, and at the beginning of those that come later", async () => {
  const world = await mappingWorld({ startingPosition: { kind: "latest" } }, ["old"]);
  await world.advance(2_000);
  await world.put("a");
  await world.split();
  await world.putEvenly("b", "c");
  await world.untilHandedOver(3);
  expect(world.succeeded().toSorted()).toEqual(["a", "b", "c"]);
  await world.stop();
});

test("hands a failed batch over as it was, again and again, until it succeeds; nothing overtakes it", async () => {
  const world = await mappingWorld({ batchSize: 2 });
  world.answers.push(world.failure, world.failure, world.failure);
  await world.put("a", "b", "c");
  await world.untilHandedOver(3);
  expect(world.batches()).toEqual(["ab", "ab", "ab", "ab", "c"]);
  await world.stop();
});

test("an invocation that could not be made is tried again too", async () => {
  const world = await mappingWorld({ batchSize: 2 });
  world.answers.push(() => {
    throw new Error("throttled");
  });
  await world.put("a");
  await world.untilHandedOver(1);
  expect(world.batches()).toEqual(["a", "a"]);
  await world.stop();
});

test("goes on from the lowest sequence number that the function reports", async () => {
  const world = await mappingWorld({ batchSize: 5, reportBatchItemFailures: true });
  world.answers.push(world.reports("d", "c"));
  await world.put("a", "b", "c", "d", "e");
  await world.untilHandedOver(5);
  expect(world.batches()).toEqual(["abcde", "cde"]);
  await world.stop();
});

test("takes a report for a success where reports are not turned on", async () => {
  const world = await mappingWorld({ batchSize: 5 });
  world.answers.push(world.reports("a"));
  await world.put("a", "b");
  await world.advance(5_000);
  expect(world.batches()).toEqual(["ab"]);
  await world.stop();
});

test("halves a batch on an error, earlier half first, and the halves don't count as retries", async () => {
  const world = await mappingWorld({
    batchSize: 4,
    bisectBatchOnFunctionError: true,
    maximumRetryAttempts: 1,
  });
  world.poison("c");
  await world.put("a", "b", "c", "d");
  await world.untilHandedOver(3);
  await world.advance(10_000);
  // c alone: one attempt and one retry.
  expect(world.batches()).toEqual(["abcd", "ab", "cd", "c", "c", "d"]);
  expect(world.discarded()).toEqual(["c"]);
  await world.stop();
});

test("with reports too, cuts at the reported record instead of in the middle", async () => {
  const world = await mappingWorld({
    batchSize: 4,
    bisectBatchOnFunctionError: true,
    reportBatchItemFailures: true,
  });
  world.answers.push(world.reports("d"));
  await world.put("a", "b", "c", "d");
  await world.untilHandedOver(4);
  expect(world.batches()).toEqual(["abcd", "d"]);
  await world.stop();
});

test("gives up after the retries, tells the destination which records, and goes on behind them", async () => {
  const world = await mappingWorld({ batchSize: 2, maximumRetryAttempts: 2 });
  world.poison("a");
  await world.put("a", "b", "c");
  await world.untilHandedOver(1);
  expect(world.batches()).toEqual(["ab", "ab", "ab", "c"]);
  expect(world.discarded()).toEqual(["ab"]);
  expect(world.discards[0]).toMatchObject({
    condition: "RetryAttemptsExhausted",
    invocations: 3,
    shardId: "shardId-000000000000",
  });
  await world.stop();
});

test("never gives up without a limit of retries (-1)", async () => {
  const world = await mappingWorld({ batchSize: 2 });
  world.poison("a");
  await world.put("a");
  await world.advance(3_600_000);
  expect(world.batches().length).toBeGreaterThan(100);
  expect(world.discarded()).toEqual([]);
  await world.stop();
});

test("gives up records that became older than the limit, and keeps the younger ones", async () => {
  const world = await mappingWorld({ batchSize: 10, maximumRecordAgeSeconds: 60 });
  world.poison("a");
  await world.put("a");
  await world.advance(30_000);
  await world.put("b");
  await world.advance(35_000);
  expect(world.discarded()).toEqual(["a"]);
  expect(world.discards[0]).toMatchObject({ condition: "RecordAgeExceeded" });
  await world.untilHandedOver(1);
  expect(world.succeeded()).toEqual(["b"]);
  await world.stop();
});

test("hands batches over again although they succeeded, where it is asked for", async () => {
  const world = await mappingWorld({ batchSize: 2 }, [], { redeliveryFraction: 1 });
  await world.put("a", "b");
  await world.advance(3_000);
  expect(world.batches()).toEqual(["ab", "ab"]);
  await world.stop();
});

test("tells how old the last record of a batch was when it was handed over", async () => {
  const world = await mappingWorld({ batchSize: 10, batchWindowMs: 4_000 });
  await world.put("a");
  await world.advance(2_000);
  await world.put("b");
  await world.advance(5_000);
  const [figures] = world.figures;
  expect(figures).toMatchObject({ records: 2, succeeded: true });
  expect(figures!.iteratorAgeMs).toBeGreaterThanOrEqual(1_500);
  expect(figures!.iteratorAgeMs).toBeLessThanOrEqual(4_000);
  await world.stop();
});

test("asks again where the stream can't be read, and goes on where it was", async () => {
  const world = await mappingWorld({ batchSize: 2 });
  await world.put("a", "b");
  world.failReads(3);
  await world.put("c");
  await world.untilHandedOver(3);
  expect(world.succeeded()).toEqual(["a", "b", "c"]);
  await world.stop();
});
