import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dynamodbCommitLog } from "../../runtime/aws/dynamodb-commit-log.ts";
import { dynamodbControlTable } from "../../runtime/aws/dynamodb-control-table.ts";
import { dynamodbKeyedTable } from "../../runtime/aws/dynamodb-keyed-table.ts";
import { systemClock } from "../../runtime/embedded/system-environment.ts";
import type {
  CommitLog,
  ControlTable,
  KeyedTable,
  LogName,
  LogRow,
  Row,
  RowKey,
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
  tables = dynamodbKeyedTable({ client, clock: systemClock });
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
  const order = (version: number) => ({ generation: 1, version, index: 0 });
  const scanned = async (table: string) => {
    const rows: Row[] = [];
    for await (const row of tables.scan(table)) rows.push(row);
    return rows;
  };

  test("writes as JSON does: nothing for undefined, and zero for minus zero", async () => {
    const row = { carrier: "json", missing: undefined, zero: -0 };
    await tables.write("delays", [{ key: { carrier: "json" }, row, order: order(1) }]);
    const got = await tables.get("delays", { carrier: "json" });
    expect(got).toStrictEqual({ carrier: "json", zero: 0 });
  });

  test("refuses keys and attributes that a table can't have", async () => {
    const write = (key: RowKey, row: Row) =>
      tables.write("delays", [{ key, row, order: order(1) }]);
    await expect(write({ carrier: "" }, {})).rejects.toMatchObject({ code: "row-key-empty" });
    await expect(write({ a: 1, b: 2, c: 3 }, {})).rejects.toMatchObject({
      code: "table-key-too-long",
    });
    await expect(write({ carrier: "a" }, { _order: 1 })).rejects.toMatchObject({
      code: "row-attribute-reserved",
    });
  });

  test("refuses a number that DynamoDB can't hold, by the name of its attribute, and then writes nothing", async () => {
    const good = { key: { carrier: "good" }, row: { carrier: "good" }, order: order(1) };
    const bad = {
      key: { carrier: "bad" },
      row: { carrier: "bad", stats: { means: [1, NaN] } },
      order: order(1),
    };
    await expect(tables.write("delays", [good, bad])).rejects.toThrow(
      '"stats.means[1]" is the number NaN',
    );
    await expect(tables.write("delays", [{ ...bad, row: { at: new Date(0) } }])).rejects.toThrow(
      '"at" is a Date',
    );
    expect(await tables.get("delays", { carrier: "good" })).toBeUndefined();
  });

  test("scans more than one page", async () => {
    await world.createTable("wide", [{ name: "id", type: "N" }]);
    const text = "x".repeat(100_000);
    const writes = Array.from({ length: 25 }, (_, id) => ({
      key: { id },
      row: { id, text },
      order: order(1),
    }));
    expect(await tables.write("wide", writes)).toEqual({ applied: 25, superseded: 0 });
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
