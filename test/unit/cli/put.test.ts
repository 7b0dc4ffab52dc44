import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { durablePorts } from "../../../runtime/embedded/ports.ts";
import { systemClock } from "../../../runtime/node/system-environment.ts";
import { kinesisStreamReader } from "../../../runtime/aws/kinesis-stream-reader.ts";
import type { StreamReader } from "../../../runtime/ports/streams.ts";
import { type AwsWorld, awsWorld } from "../../contract/aws-world.ts";
import { countsIn, writeClicks } from "./clicks.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines, millrace } from "./command.ts";

let folder: string;
let world: AwsWorld;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-test-"));
  world = await awsWorld();
});
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

const text = new TextDecoder();

/** Partition key and text of all records of a stream. */
async function recordsOf(reader: StreamReader, stream: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { shardId } of await reader.listShards(stream)) {
    let from: Parameters<StreamReader["read"]>[0]["from"] = { kind: "earliest" };
    for (;;) {
      const { records, next, atTip } = await reader.read({
        stream,
        shardId,
        from,
        maxRecords: 1_000,
      });
      found.push(
        ...records.map(({ partitionKey, data }) => `${partitionKey} ${text.decode(data)}`),
      );
      if (atTip) break;
      from = next;
    }
  }
  return found.toSorted();
}

const orders = (count: number): string =>
  Array.from({ length: count }, (_, at) => JSON.stringify({ customer: `c${at % 7}`, at })).join(
    "\n",
  );
const expectedOrders = (count: number): readonly string[] =>
  orders(count)
    .split("\n")
    .map((line, at) => `c${at % 7} ${line}`)
    .toSorted();

describe("into a stream of a folder", () => {
  test("each line is a record under the field that is named, and --skip goes on where a put ended", async () => {
    const dir = join(folder, "own");
    const ports = durablePorts(dir);
    try {
      await ports.admin.createStream("orders", { shards: 3 });
      writeFileSync(join(folder, "orders.jsonl"), `${orders(1_203)}\n\n`);
      const args = ["put", "orders", "orders.jsonl", "--dir", "own", "--key", "customer"];
      expect(await millraceHere(folder, [...args, "--skip", "203"])).toEqual({
        exitCode: 0,
        stderr: "",
        stdout: "1,000 records were put into stream orders\n",
      });
      expect(await recordsOf(ports.reader, "orders")).toHaveLength(1_000);
      writeFileSync(join(folder, "first.jsonl"), orders(203));
      await millraceHere(folder, args.with(2, "first.jsonl"));
      expect(await recordsOf(ports.reader, "orders")).toEqual(expectedOrders(1_203));
    } finally {
      ports.close();
    }
  });

  test("a job that runs elsewhere takes them", async () => {
    const expected = writeClicks(folder, 500);
    const job = millrace(folder, ["dev", "job.ts", "--dir", "run", "--json"]);
    await job.until((stdout) => stdout.includes('"progress"'));
    const { exitCode, stderr } = await millraceHere(folder, [
      "put",
      "clicks",
      "clicks.jsonl",
      "--dir",
      "run",
    ]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    await job.until((stdout) => stdout.includes('"records":500'));
    await millraceHere(folder, ["stop", "--dir", "run", "--drain"]);
    await job.end;
    expect(await countsIn(join(folder, "run"))).toEqual(expected);
  });

  test("there must be such a folder, stream and file", async () => {
    const put = (...args: string[]) => millraceHere(folder, ["put", ...args]);
    durablePorts(join(folder, "empty")).close();
    mkdirSync(join(folder, "sub"), { recursive: true });
    writeFileSync(join(folder, "a.jsonl"), "{}\n");
    expect((await put("orders", "a.jsonl", "--dir", "none")).stderr).toContain("(store-missing)");
    expect((await put("orders", "a.jsonl", "--dir", "empty")).stderr).toMatch(/stream "orders"/);
    expect((await put("orders", "absent.jsonl", "--dir", "empty")).stderr).toMatch(
      /^millrace: There is no ".*absent.jsonl"\.\n {2}Look at the path.*\(file-missing\)\n$/,
    );
    expect((await put("orders", "sub", "--dir", "empty")).stderr).toMatch(
      /needed.*file-is-folder/s,
    );
    const unsaid = await put("orders", "a.jsonl");
    expect(unsaid.stderr).toMatch(/--dir <folder>, or --outputs <file>/);
    expect(unsaid.exitCode).toBe(2);
  });
});

describe("into a deployed stream", () => {
  const variables = (): Record<string, string> => ({
    ...world.variables,
    MILLRACE_STREAMS: JSON.stringify({ orders: "prod-orders" }),
  });

  test("records go where the deployment has the stream, and standard input is read", async () => {
    await world.createStream("prod-orders", 2);
    const args = ["put", "orders", "-", "--key", "customer", "--json"];
    const { exitCode, stdout } = await millrace(folder, args, orders(1_203), variables()).end;
    expect(jsonLines(stdout)).toEqual([
      { type: "put", stream: "orders", records: 1_203, refused: 0, interrupted: false },
    ]);
    expect(exitCode).toBe(0);
    const reader = kinesisStreamReader({ client: world.clients.kinesis, clock: systemClock });
    expect(await recordsOf(reader, "prod-orders")).toEqual(expectedOrders(1_203));
  });

  test("a stream that the job does not read is refused", async () => {
    writeFileSync(join(folder, "a.jsonl"), "{}\n");
    const { exitCode, stderr } = await millraceHere(
      folder,
      ["put", "other", "a.jsonl"],
      variables(),
    );
    expect(stderr).toContain('the job reads no stream "other"; it reads orders.');
    expect(exitCode).toBe(2);
  });
});
