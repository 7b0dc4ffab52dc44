import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, zstdCompressSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { durablePorts } from "../../../runtime/embedded/ports.ts";
import { systemClock } from "../../../runtime/node/system-environment.ts";
import { kinesisStreamReader } from "../../../runtime/aws/kinesis-stream-reader.ts";
import type { StreamReader } from "../../../runtime/ports/streams.ts";
import { type AwsWorld, awsWorld } from "../../contract/aws-world.ts";
import { root } from "../tidy/sources.ts";
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
async function recordsOf(
  reader: StreamReader,
  stream: string,
  open = (data: Uint8Array): Uint8Array => data,
): Promise<readonly string[]> {
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
        ...records.map(({ partitionKey, data }) => `${partitionKey} ${text.decode(open(data))}`),
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

  test("a table's rows get the types of the job's source, and are records as it reads them", async () => {
    const ports = durablePorts(join(folder, "typed"));
    try {
      await ports.admin.createStream("orders", { shards: 1 });
      mkdirSync(join(folder, "node_modules"));
      symlinkSync(join(root, "node_modules/zod"), join(folder, "node_modules/zod"));
      writeFileSync(
        join(folder, "orders-job.ts"),
        `import { defineJob, noWatermarks } from "millrace";
import { kinesisSource, printSink } from "millrace/connectors";
import { z } from "zod";
export default defineJob("shop", (env) => {
  env
    .source(kinesisSource({ stream: "orders", schema: z.object({ id: z.string(), cents: z.number() }), compression: "gzip" }), { uid: "orders", watermarks: noWatermarks() })
    .sinkTo(printSink(), { uid: "shown" });
});
`,
      );
      writeFileSync(join(folder, "orders.csv.zst"), zstdCompressSync("id,cents\n7,250\n8,3\n9\n"));
      const args = ["put", "orders", "orders.csv.zst", "--dir", "typed", "--key", "id"];
      expect(await millraceHere(folder, [...args, "--job-file", "orders-job.ts"])).toEqual({
        exitCode: 3,
        stderr: "orders.csv.zst, line 4: it has 1 fields and there are 2 columns: id, cents\n",
        stdout:
          "2 records were put into stream orders\n  1 document was left out: it can be no record\n",
      });
      const found = await recordsOf(ports.reader, "orders", gunzipSync);
      expect(found).toEqual(['7 {"id":"7","cents":250}', '8 {"id":"8","cents":3}']);
      writeFileSync(join(folder, "array.json"), '[{"id":"a"},\n {"id":"b"}]');
      await millraceHere(folder, args.with(2, "array.json"));
      const shown = await millraceHere(folder, ["rows", "orders", "--dir", "typed", "--json"]);
      expect(jsonLines(shown.stdout).slice(-2)).toEqual([{ id: "a" }, { id: "b" }]);
      const other = [...args, "--job-file", "orders-job.ts"].with(1, "order");
      const { stderr, exitCode } = await millraceHere(folder, other);
      expect(stderr).toContain('job shop reads no stream "order"; it reads orders.');
      expect(exitCode).toBe(2);
    } finally {
      ports.close();
    }
  });

  test("there must be such a folder, stream and file", async () => {
    const put = (...args: string[]) => millraceHere(folder, ["put", ...args]);
    durablePorts(join(folder, "empty")).close();
    mkdirSync(join(folder, "sub"), { recursive: true });
    writeFileSync(join(folder, "a.jsonl"), "{}\n");
    expect((await put("orders", "a.jsonl", "--dir", "none")).stderr).toContain("(store-missing)");
    expect((await put("orders", "a.jsonl", "--dir", "empty")).stderr).toMatch(/stream "orders"/);
    expect((await put("orders", "absent.jsonl", "--dir", "empty")).stderr).toMatch(
      /^millrace: There is no file or folder absent.jsonl\.\n {2}Give a file.*\(input-missing\)\n$/,
    );
    expect((await put("orders", "sub", "--dir", "empty")).stderr).toMatch(
      /has no files in it.*input-missing/s,
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
