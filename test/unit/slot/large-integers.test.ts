import { describe, expect, test } from "vitest";
import { z } from "zod";
import {
  dynamodbSink,
  kinesisSource,
  type KinesisSourceOptions,
} from "../../../runtime/connectors/index.ts";
import { defineJob, monotonousTimestamps, noRestart, unchecked } from "../../../runtime/index.ts";
import { readDeadLetters } from "../../../runtime/job/dead-letter-objects.ts";
import { driver, rowsOf, slotWorld } from "../../integration/slot-world.ts";

/** Counts documents by id, and writes a row for each whose key is the id as text. */
function counting<Id extends string | number | bigint>(
  schema: KinesisSourceOptions<{ readonly id: Id }>["schema"],
  largeIntegers?: "refuse" | "bigint" | "text",
) {
  return defineJob(
    "ids",
    (env) => {
      env
        .source(kinesisSource({ stream: "in", schema, ...(largeIntegers && { largeIntegers }) }), {
          uid: "in",
          watermarks: monotonousTimestamps({ timestamp: () => 1 }),
        })
        .map(({ id }) => ({ id, n: 1 }))
        .keyBy(({ id }) => id)
        .reduce((sum, { n }) => ({ ...sum, n: sum.n + n }), { uid: "counts" })
        .sinkTo(
          dynamodbSink<{ id: Id; n: number }, { id: string; n: number }>({
            table: "out",
            key: ["id"],
            toRow: ({ id, n }) => ({ id: String(id), n }),
          }),
          { uid: "out" },
        );
    },
    { maxParallelism: 4, restart: noRestart() },
  );
}

async function run(job: ReturnType<typeof defineJob>, documents: readonly string[]) {
  const world = await slotWorld(job);
  await world.put("in", documents, () => "p");
  await world.ports.admin.endStream("in");
  const environment = world.environment();
  await driver({ world, pick: () => environment }).untilEnded(world.coordinator(() => environment));
  const letters = await readDeadLetters(world.ports.objects, "ids/1/dead-letters/");
  return { rows: await rowsOf(world.ports, "out"), letters };
}

const [one, other] = ["9007199254740993", "9007199254740992"];
const documents = [`{"id":${one}}`, `{"id":${other}}`, `{"id":${one}}`];
const counted = [`{"id":"${other}","n":1}`, `{"id":"${one}","n":2}`];

describe("two 64-bit ids never become one", () => {
  test("as numbers, which can't hold them: they are dead letters with their documents", async () => {
    const { rows, letters } = await run(counting(unchecked<{ id: number }>()), documents);
    expect(rows).toEqual([]);
    expect(letters.map(({ payload }) => payload)).toEqual(documents);
    expect(letters[0]).toMatchObject({
      kind: "undecodable",
      reason: expect.stringContaining("largeIntegers") as string,
    });
  });

  test("as bigints, also as keys of rows that hold their text", async () => {
    const schema = z.object({ id: z.bigint() });
    expect(await run(counting(schema, "bigint"), documents)).toEqual({
      rows: counted,
      letters: [],
    });
  });

  test("as texts", async () => {
    const schema = z.object({ id: z.string() });
    expect(await run(counting(schema, "text"), documents)).toEqual({ rows: counted, letters: [] });
  });
});

test("booleans are keys of rows that hold their text", async () => {
  const job = defineJob("ids", (env) => {
    env
      .source(kinesisSource({ stream: "in", schema: unchecked<{ open: boolean }>() }), {
        uid: "in",
        watermarks: monotonousTimestamps({ timestamp: () => 1 }),
      })
      .keyBy(({ open }) => open)
      .reduce((_, last) => last, { uid: "last" })
      .sinkTo(
        dynamodbSink<{ open: boolean }, { open: string }>({
          table: "out",
          key: ["open"],
          toRow: ({ open }) => ({ open: String(open) }),
        }),
        { uid: "out" },
      );
  });
  const { rows, letters } = await run(job, ['{"open":true}', '{"open":false}', '{"open":true}']);
  expect({ rows, letters }).toEqual({ rows: ['{"open":"false"}', '{"open":"true"}'], letters: [] });
});

test("a row with another key than its element's is a dead letter that shows both", async () => {
  const job = defineJob(
    "ids",
    (env) => {
      env
        .source(kinesisSource({ stream: "in", schema: unchecked<{ id: number }>() }), {
          uid: "in",
          watermarks: monotonousTimestamps({ timestamp: () => 1 }),
        })
        .map(({ id }) => ({ id: BigInt(id) }))
        .keyBy(({ id }) => id)
        .reduce((_, last) => last, { uid: "last" })
        .sinkTo(
          dynamodbSink<{ id: bigint }, { id: string }>({
            table: "out",
            key: ["id"],
            toRow: () => ({ id: "6" }),
          }),
          { uid: "out" },
        );
    },
    { restart: noRestart() },
  );
  const { letters } = await run(job, ['{"id":5}']);
  expect(letters).toMatchObject([
    { reason: expect.stringMatching(/row's "id" is "6".*keyed by 5/s) as string, key: "5n" },
  ]);
});
