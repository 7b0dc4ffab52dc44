import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { expect, test } from "vitest";
import { dynamodbKeyedTable } from "../../../runtime/aws/dynamodb-keyed-table.ts";
import type { KeyedWrite } from "../../../runtime/ports/index.ts";

const named = (name: string) => Object.assign(new Error("said"), { name });

/** A table whose puts end as `endOf` says, by the key and how often it was put before. */
function tableWhere(endOf: (id: string, putsBefore: number) => Error | undefined) {
  const puts = new Map<string, number>();
  const pauses: number[] = [];
  const send = async ({ input }: { input: { Item: { id: { S: string } } } }) => {
    const id = input.Item.id.S;
    const before = puts.get(id) ?? 0;
    puts.set(id, before + 1);
    const end = endOf(id, before);
    if (end !== undefined) throw end;
    return {};
  };
  const table = dynamodbKeyedTable({
    client: { send } as unknown as DynamoDBClient,
    clock: { nowMs: () => 0, sleep: async (ms) => void pauses.push(ms) },
    random: { id: () => "id", fraction: () => 1 - Number.EPSILON },
  });
  return { table, puts, pauses };
}

const writer = { job: "t", incarnation: 1, takesOver: false };
const writes: readonly KeyedWrite[] = Array.from({ length: 1_000 }, (_, index) => ({
  key: { id: `k${index}` },
  row: { id: `k${index}` },
  order: { generation: 1, version: 1, index },
}));

test("what a busy table refused is put again, and what it took is not", async () => {
  const throttled = named("ProvisionedThroughputExceededException");
  const { table, puts } = tableWhere((id, before) =>
    before < 3 && id.endsWith("7") ? throttled : undefined,
  );
  expect(await table.write("t", writes, writer)).toEqual({ applied: 1_000, superseded: 0 });
  for (const [id, count] of puts) expect(count, id).toBe(id.endsWith("7") ? 4 : 1);
});

test("one write in ten that fails, whenever it is tried, does not keep a large call from its end", async () => {
  let calls = 0;
  const { table } = tableWhere(() => (calls++ % 10 === 0 ? named("ECONNRESET") : undefined));
  expect(await table.write("t", writes, writer)).toEqual({ applied: 1_000, superseded: 0 });
});

test("a table that takes nothing is left alone after a few calls, and the error says why", async () => {
  const { table, puts, pauses } = tableWhere(() => named("ThrottlingException"));
  const written = table.write("t", writes, writer);
  await expect(written).rejects.toMatchObject({ code: "store-throttled", retryable: true });
  expect([...puts.values()].reduce((sum, count) => sum + count, 0)).toBeLessThan(500);
  expect(pauses).toEqual([100, 200, 400, 800, 1_600, 2_000]);
});

test("what no retry mends is thrown at once", async () => {
  const { table, pauses } = tableWhere(() => named("AccessDeniedException"));
  await expect(table.write("t", writes, writer)).rejects.toMatchObject({
    code: "store-access-denied",
  });
  expect(pauses).toEqual([]);
});
