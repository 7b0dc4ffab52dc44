import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { csvText } from "../../../cli/csv-text.ts";
import { condition } from "../../../cli/definition/condition.ts";
import { fulfils } from "../../../results/select-rows.ts";
import { durablePorts, type EmbeddedPorts } from "../../../runtime/embedded/ports.ts";
import { encodeAppended } from "../../../runtime/connectors/record-id.ts";
import { kinesisStreamWriter } from "../../../runtime/aws/kinesis-stream-writer.ts";
import { dynamodbKeyedTable } from "../../../runtime/aws/dynamodb-keyed-table.ts";
import { systemClock, systemRandom } from "../../../runtime/node/system-environment.ts";
import { awsWorld } from "../../contract/aws-world.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines, millrace } from "./command.ts";

let folder: string;
let ports: EmbeddedPorts;
let version = 0;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  ports = durablePorts(join(folder, "d"));
  for (const total of [5, 100, 20]) await write("turnover", `u${total}`, { total, of: { a: 1 } });
});
afterAll(() => {
  ports.close();
  rmSync(folder, { recursive: true, force: true });
});

async function write(table: string, user: string, row?: object): Promise<void> {
  const key = { user };
  const order = { generation: 1, version: (version += 1), index: 0 };
  const writer = { job: "shop", incarnation: 1, takesOver: false };
  const content = row === undefined ? {} : { row: { ...key, ...row } };
  await ports.tables.write(table, [{ key, ...content, order }], writer);
}

const run = (...args: string[]) => millraceHere(folder, [...args, "--dir", "d"]);

describe("millrace query", () => {
  test("compares numbers by size, and gives the fields that are asked for", async () => {
    const ask = ["query", "turnover", "--where", "total>=20", "--order-by", "total"];
    expect(await run(...ask, "--fields", "total,user")).toMatchObject({
      stdout: "total  user\n   20  u20\n  100  u100\n",
      exitCode: 0,
    });
    const { stdout } = await run(...ask, "--json", "--fields", "user");
    expect(jsonLines(stdout)).toEqual([{ user: "u20" }, { user: "u100" }]);
  });

  test("says so where a number is to be more than a text", async () => {
    const { exitCode, stderr } = await run("query", "turnover", "--where", "total>abc");
    expect(stderr).toMatch(/"total>abc" .*no number.*condition-invalid/s);
    expect(exitCode).toBe(1);
    expect((await run("query", "turnover", "--where", "user>abc", "--count")).stdout).toBe("3\n");
  });

  test("counts what fits", async () => {
    const ask = ["query", "turnover", "--where", "total<100", "--count"];
    expect((await run(...ask)).stdout).toBe("2\n");
    expect(jsonLines((await run(...ask, "--json")).stdout)).toEqual([
      { type: "count", table: "turnover", rows: 2 },
    ]);
  });

  test.each([
    [["query"], /needs <table>/],
    [["query", "turnover", "--where", "total"], /--where is "total"; it takes <field>=<value>, or/],
    [["query", "turnover", "--csv", "--json"], /--json and --csv exclude each other/],
    [["query", "turnover", "--count", "--csv"], /--count and --csv exclude each other/],
    [["query", "turnover", "--fields", "a,,b"], /--fields is "a,,b"/],
    [["rows", "--csv"], /--csv is for the rows of a table/],
  ])("%j is refused as wrong usage", async (args, message) => {
    const { exitCode, stdout, stderr } = await run(...args);
    expect(stderr).toMatch(message);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  });
});

test("rows and query give all rows as CSV, with what is no text or number as JSON", async () => {
  const lines = ['"{""a"":1}"', "of,total,user"];
  const { stdout, exitCode } = await run("rows", "turnover", "--csv", "--order-by", "total");
  expect(stdout.split("\n")[0]?.split(",").toSorted().join(",")).toBe(lines[1]);
  expect(stdout.split("\n")).toHaveLength(5);
  expect(stdout).toContain(lines[0]);
  expect(exitCode).toBe(0);
});

test("texts that would break a line of CSV are put into quotes", () => {
  expect(csvText([{ a: 'x,"y"', b: 1 }, { a: "two\nlines" }], ["a", "b"])).toBe(
    'a,b\n"x,""y""",1\n"two\nlines",\n',
  );
  expect(csvText([], [])).toBe("");
});

test("a condition begins with the first comparison, and holds of numbers by size and of texts by letters", () => {
  expect(condition("a<=3")).toEqual({ field: "a", comparison: "<=", text: "3" });
  expect(condition("a=b=c")).toEqual({ field: "a", comparison: "=", text: "b=c" });
  const row = { n: 9, text: "m", list: [1] };
  const holds = (typed: string): boolean => fulfils(row, [condition(typed)]);
  expect(["n<10", "n>=9", "n!=8", "text>a", "list=[1]", "absent!=1"].filter(holds)).toHaveLength(6);
  expect(["n<9", "n>text", "n=9.0", "text<m", "absent<1", "absent>1"].filter(holds)).toEqual([]);
});

test("millrace tail shows what is written, written again and deleted, and ends when it is told to", async () => {
  await write("live", "old", { total: 1 });
  const tail = millrace(folder, ["tail", "live", "--dir", "d", "--json", "--all"]);
  await tail.until((stdout) => stdout.includes("old"));
  await write("live", "new", { total: 7 });
  await tail.until((stdout) => stdout.includes("new"));
  await write("live", "old", { total: 2 });
  await tail.until((stdout) => stdout.includes('"total":2'));
  await write("live", "old");
  await tail.until((stdout) => stdout.includes("deleted"));
  tail.kill("SIGINT");
  const { exitCode, stdout, stderr } = await tail.end;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(jsonLines(stdout)).toEqual([
    { type: "written", table: "live", row: { user: "old", total: 1 } },
    { type: "written", table: "live", row: { user: "new", total: 7 } },
    { type: "written", table: "live", row: { user: "old", total: 2 } },
    { type: "deleted", table: "live", row: { user: "old", total: 2 } },
  ]);
});

test("rows, query and tail take a stream by its name: each record of a sink once, in what a job put into it", async () => {
  const id = (index: number) => ({ slot: "shop/s", generation: 1, version: 1, index });
  await ports.admin.createStream("alerts", { shards: 1 });
  const put = (...records: readonly Uint8Array[]) =>
    ports.writer.put(
      "alerts",
      records.map((data) => ({ partitionKey: "a", data })),
    );
  const first = encodeAppended(id(0), { user: "ada", total: 5 });
  await put(first, encodeAppended(id(1), { user: "bob", total: 7 }), first, Buffer.from("plain"));
  expect((await run("rows", "alerts", "--order-by", "total")).stdout).toBe(
    "user  total  value\nada       5\nbob       7\n             plain\n",
  );
  expect((await run("query", "alerts", "--where", "total>5", "--count")).stdout).toBe("1\n");
  const tail = millrace(folder, ["tail", "alerts", "--dir", "d", "--all", "--where", "user=bob"]);
  await tail.until((stdout) => stdout.includes("total=7"));
  await put(encodeAppended(id(2), { user: "bob", total: 9 }));
  await tail.until((stdout) => stdout.includes("total=9"));
  tail.kill("SIGINT");
  expect((await tail.end).stdout).toBe("+ user=bob  total=7\n+ user=bob  total=9\n");
});

test("a deployed stream is found by the name that it has there", async () => {
  const world = await awsWorld();
  try {
    await world.createStream("prod-alerts", 2);
    const writer = kinesisStreamWriter({ client: world.clients.kinesis });
    const data = encodeAppended({ slot: "s", generation: 1, version: 1, index: 0 }, { total: 3 });
    await writer.put("prod-alerts", [{ partitionKey: "a", data }]);
    const variables = {
      ...world.variables,
      MILLRACE_TABLE: "job",
      MILLRACE_BUCKET: "state",
      MILLRACE_TABLES: JSON.stringify({ live: "prod-live" }),
      MILLRACE_STREAMS: JSON.stringify({ alerts: "prod-alerts" }),
    };
    const { stdout } = await millrace(folder, ["rows", "alerts", "--json"], "", variables).end;
    expect(jsonLines(stdout)).toEqual([{ total: 3 }]);
  } finally {
    await world.close();
  }
});

test("millrace tail begins with what changes, and leaves out what does not fit", async () => {
  await write("quiet", "there", { total: 1 });
  const args = ["tail", "quiet", "--dir", "d", "--where", "total>5"];
  const tail = millrace(folder, args);
  // What is written may be there before its first look: only another row proves that it was taken.
  let total = 5;
  const writing = setInterval(() => void write("quiet", "there", { total: (total += 1) }), 300);
  try {
    await tail.until((stdout) => stdout !== "");
  } finally {
    clearInterval(writing);
  }
  tail.kill("SIGINT");
  const { exitCode, stdout } = await tail.end;
  expect(stdout).toMatch(/^\+ user=there {2}total=\d+\n/);
  expect(stdout).not.toContain("total=1\n");
  expect(exitCode).toBe(0);
});

test("millrace tail and query find a deployed table by the name that it has there", async () => {
  const world = await awsWorld();
  try {
    await world.createTable("prod-live", [{ name: "user", type: "S" }]);
    const tables = dynamodbKeyedTable({
      client: world.clients.dynamodb,
      clock: systemClock,
      random: systemRandom,
    });
    const put = async (total: number): Promise<void> => {
      const order = { generation: 1, version: total, index: 0 };
      const write = { key: { user: "ada" }, row: { user: "ada", total }, order };
      const writer = { job: "shop", incarnation: 1, takesOver: false };
      await tables.write("prod-live", [write], writer);
    };
    await put(1);
    const variables = {
      ...world.variables,
      MILLRACE_TABLE: "job",
      MILLRACE_BUCKET: "state",
      MILLRACE_TABLES: JSON.stringify({ live: "prod-live" }),
    };
    const tail = millrace(folder, ["tail", "live", "--every", "1", "--all"], "", variables);
    await tail.until((stdout) => stdout.includes("total=1"));
    await put(2);
    await tail.until((stdout) => stdout.includes("total=2"));
    tail.kill("SIGINT");
    const { stdout } = await tail.end;
    // A row that changes is not deleted: the table itself says what its key is.
    expect(stdout).toBe("+ user=ada  total=1\n+ user=ada  total=2\n");
    const asked = await millrace(folder, ["query", "live", "--count"], "", variables).end;
    expect(asked).toEqual({ exitCode: 0, stdout: "1\n", stderr: "" });
  } finally {
    await world.close();
  }
});
