import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dynamodbCommitLog } from "../../runtime/aws/dynamodb-commit-log.ts";
import { dynamodbControlTable } from "../../runtime/aws/dynamodb-control-table.ts";
import { dynamodbKeyedTable } from "../../runtime/aws/dynamodb-keyed-table.ts";
import { dynamodbTableSchemas } from "../../runtime/aws/dynamodb-table-schemas.ts";
import { stampBytes } from "../../runtime/connectors/dynamodb-limits.ts";
import { systemClock, systemRandom } from "../../runtime/node/system-environment.ts";
import type {
  CommitLog,
  ControlTable,
  KeyedTable,
  LogName,
  LogRow,
  Row,
  RowKey,
  RowWriter,
} from "../../runtime/ports/index.ts";
import { jobTableSchema } from "./aws-admin.ts";
import { awsWorld, type AwsWorld } from "./aws-world.ts";

let world: AwsWorld;
let log: CommitLog;
let control: ControlTable;
let tables: KeyedTable;

beforeAll(async () => {
  world = await awsWorld();
  const client = world.clients.dynamodb;
  await world.createTable("jobs", jobTableSchema);
  await world.createTable("delays", [{ name: "carrier", type: "S" }]);
  log = dynamodbCommitLog({ client, table: "jobs" });
  control = dynamodbControlTable({ client, table: "jobs" });
  tables = dynamodbKeyedTable({ client, clock: systemClock, random: systemRandom });
});
afterAll(() => world.close());

const slotOf = (slot: string, ringSize = 8): LogName => ({
  job: "delays",
  generation: 1,
  slot,
  ringSize,
});
const rowOf = (version: number, body = new Uint8Array([version])): LogRow => ({
  version,
  nonce: `n${version}`,
  kind: "commit",
  epoch: 3,
  plan: "p",
  format: 1,
  body,
});

describe("the commit log on DynamoDB", () => {
  test("follows the pages of a ring that is larger than one answer of 1 MB", async () => {
    const slot = slotOf("large");
    for (let version = 1; version <= 6; version++) {
      await log.append(slot, rowOf(version, new Uint8Array(390_000).fill(version)));
    }
    const rows = await log.readAll(slot);
    expect(rows.map(({ version, body }) => [version, body?.length, body?.[0]])).toEqual(
      [1, 2, 3, 4, 5, 6].map((version) => [version, 390_000, version]),
    );
  });

  test("takes what the failed condition brings, without a read", async () => {
    const commands: object[] = [];
    const item = {
      version: { N: "9" },
      nonce: { S: "theirs" },
      kind: { S: "seal" },
      epoch: { N: "3" },
      plan: { S: "p" },
      format: { N: "1" },
    };
    const send = async (command: object) => {
      commands.push(command);
      throw Object.assign(new Error("failed"), {
        name: "ConditionalCheckFailedException",
        Item: item,
      });
    };
    const client = { send } as unknown as DynamoDBClient;
    const { body: _, ...found } = { ...rowOf(9), nonce: "theirs", kind: "seal" };
    expect(
      await dynamodbCommitLog({ client, table: "jobs" }).append(slotOf("a"), rowOf(9)),
    ).toEqual({ appended: false, found });
    expect(commands).toHaveLength(1);
  });

  test("shares its table with control rows of the same partition, and neither sees the other", async () => {
    const partition = "delays#1#shared";
    const row = { partition, sort: "log#00000001", rank: 1, value: "control" };
    await log.append(slotOf("shared"), rowOf(1));
    expect(await control.list(partition)).toEqual([]);
    expect(await control.put(row, { kind: "absent" })).toEqual({ written: true });
    expect(await control.list(partition)).toEqual([row]);
    expect(await log.readAll(slotOf("shared"))).toEqual([rowOf(1)]);
  });
});

describe("result tables on DynamoDB", () => {
  const writer = { job: "delays", incarnation: 1, takesOver: false };
  const order = (version: number) => ({ generation: 1, version, index: 0 });
  const scanned = async (table: string) => {
    const rows: Row[] = [];
    for await (const row of tables.scan(table)) rows.push(row);
    return rows;
  };

  test("writes as JSON does: nothing for undefined, and zero for minus zero", async () => {
    const row = { carrier: "json", missing: undefined, zero: -0 };
    await tables.write("delays", [{ key: { carrier: "json" }, row, order: order(1) }], writer);
    const got = await tables.get("delays", { carrier: "json" });
    expect(got).toStrictEqual({ carrier: "json", zero: 0 });
  });

  const refusal = (reason: string) => ({
    applied: 0,
    superseded: 0,
    refused: [{ at: 0, reason: expect.stringContaining(reason) as string }],
  });
  const write = (key: RowKey, row: Row) =>
    tables.write("delays", [{ key, row, order: order(1) }], writer);

  test("refuses keys and attributes that a table can't have", async () => {
    expect(await write({ carrier: "" }, {})).toEqual(refusal("is an empty text"));
    expect(await write({ a: 1, b: 2, c: 3 }, {})).toEqual(refusal("this one has 3"));
    expect(await write({ carrier: "a" }, { _order: 1 })).toEqual(refusal('attribute "_order"'));
  });

  test("refuses a number that DynamoDB can't hold, by the name of its attribute", async () => {
    const bad = { carrier: "bad", stats: { means: [1, NaN] } };
    expect(await write({ carrier: "bad" }, bad)).toEqual(
      refusal('"stats.means[1]" of a row for table "delays" is the number NaN'),
    );
    expect(await write({ carrier: "bad" }, { at: new Date(0) })).toEqual(refusal("is a Date"));
  });

  test("a table tells its key, and one that is not there that it is missing", async () => {
    await world.createTable("kinds", [
      { name: "zone", type: "N" },
      { name: "id", type: "B" },
    ]);
    const { keyOf } = dynamodbTableSchemas({ client: world.clients.dynamodb });
    expect(await keyOf("kinds")).toEqual([
      { name: "zone", type: "number" },
      { name: "id", type: "binary" },
    ]);
    await expect(keyOf("nowhere")).rejects.toMatchObject({
      code: "store-missing",
      message: expect.stringContaining('"nowhere"') as string,
    });
  });

  test("a row whose key is of another type than the table's is refused alone, and the others are written", async () => {
    const rows = [{ carrier: 7 }, { carrier: "seven" }].map((key, index) => ({
      key,
      row: key,
      order: { generation: 1, version: 1, index },
    }));
    expect(await tables.write("delays", rows, writer)).toEqual({
      ...refusal("was refused"),
      applied: 1,
    });
    expect(await tables.get("delays", { carrier: "seven" })).toEqual({ carrier: "seven" });
  });

  test("a table that is not there refuses no row: all of them wait", async () => {
    const rows = [{ key: { carrier: "a" }, row: { carrier: "a" }, order: order(1) }];
    await expect(tables.write("absent", rows, writer)).rejects.toMatchObject({
      code: "store-missing",
    });
  });

  test("items that were written before rows had owners belong to nobody, and their order holds", async () => {
    const number = (value: number) => String(value).padStart(16, "0");
    const first = (carrier: string, version: number) => ({
      carrier: { S: carrier },
      n: { N: "1" },
      _order: { S: [1, version, 0].map(number).join(".") },
    });
    const { dynamodb } = world.clients;
    for (const carrier of ["own", "anew", "other"])
      await dynamodb.send(new PutItemCommand({ TableName: "delays", Item: first(carrier, 9) }));
    const writeAs = (carrier: string, version: number, by: RowWriter) =>
      tables.write("delays", [{ key: { carrier }, row: { carrier }, order: order(version) }], by);
    const [applied, superseded] = [
      { applied: 1, superseded: 0 },
      { applied: 0, superseded: 1 },
    ];
    const began = { ...writer, incarnation: 0 };
    expect(await tables.get("delays", { carrier: "own" })).toEqual({ carrier: "own", n: 1 });
    expect(await writeAs("own", 9, began)).toEqual(superseded);
    expect(await writeAs("own", 10, began)).toEqual(applied);
    expect(await writeAs("anew", 1, { ...writer, incarnation: 1 })).toEqual(applied);
    expect(await writeAs("other", 1, { ...writer, incarnation: 1, job: "other" })).toEqual(applied);
  });

  test("an item's marks take no more than the bytes that a row's limit leaves them", async () => {
    const job = "j".repeat(63);
    const last = Number.MAX_SAFE_INTEGER;
    const by = { job, incarnation: last, takesOver: false };
    const at = { generation: last, version: last, index: last };
    await tables.write("delays", [{ key: { carrier: "marks" }, row: {}, order: at }], by);
    const { Item = {} } = await world.clients.dynamodb.send(
      new GetItemCommand({ TableName: "delays", Key: { carrier: { S: "marks" } } }),
    );
    const { carrier: _, ...marks } = Item;
    const bytes = Object.entries(marks).map(([name, { S = "" }]) => name.length + S.length);
    expect(bytes.reduce((sum, more) => sum + more, 0)).toBeLessThanOrEqual(stampBytes);
  });

  test("scans more than one page", async () => {
    await world.createTable("wide", [{ name: "id", type: "N" }]);
    const text = "x".repeat(100_000);
    const writes = Array.from({ length: 25 }, (_, id) => ({
      key: { id },
      row: { id, text },
      order: order(1),
    }));
    expect(await tables.write("wide", writes, writer)).toEqual({ applied: 25, superseded: 0 });
    expect(new Set((await scanned("wide")).map(({ id }) => id)).size).toBe(25);
  });

  test("says which table is missing, and that a retry doesn't help", async () => {
    await expect(tables.get("nowhere", { id: 1 })).rejects.toMatchObject({
      code: "store-missing",
      retryable: false,
      message: expect.stringContaining('table "nowhere"') as string,
    });
  });
});
