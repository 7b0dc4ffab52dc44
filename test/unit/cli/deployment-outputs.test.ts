import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { awsNames } from "../../../cli/aws-names.ts";
import { storeOptions } from "../../../cli/store-options.ts";
import { UsageError } from "../../../cli/usage-error.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-outputs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const connection = (job: string) =>
  JSON.stringify({
    MILLRACE_JOB: job,
    MILLRACE_TABLE: `${job}-table`,
    MILLRACE_BUCKET: `${job}-bucket`,
    MILLRACE_EXCHANGE_STREAM: `${job}-exchange`,
    MILLRACE_STREAMS: JSON.stringify({ orders: `${job}-orders` }),
    AWS_REGION: "eu-west-1",
  });

function outputs(name: string, jobs: readonly string[]): string {
  const entries = jobs.map((job) => [
    `${job}Stack`,
    { PipelineConnection5D6C298F: connection(job), PipelineStreamordersABCDEF01: "orders" },
  ]);
  const file = join(folder, name);
  writeFileSync(file, JSON.stringify(Object.fromEntries(entries)));
  return file;
}

test("a deployed job is found by what the CDK wrote about it", () => {
  const file = outputs("one.json", ["shop"]);
  expect(storeOptions({ outputs: file })).toEqual({
    place: { kind: "aws", table: "shop-table", bucket: "shop-bucket", region: "eu-west-1" },
    job: "shop",
    json: false,
  });
  expect(awsNames({ outputs: file, stream: [] })).toEqual({
    exchangeStream: "shop-exchange",
    streams: { orders: "shop-orders" },
    tables: {},
  });
});

test("an option outweighs what the CDK wrote", () => {
  const file = outputs("other.json", ["shop"]);
  expect(storeOptions({ outputs: file, region: "us-east-1", table: "copy" }).place).toMatchObject({
    table: "copy",
    region: "us-east-1",
  });
});

test("--job chooses one of several jobs", () => {
  const file = outputs("two.json", ["shop", "bank"]);
  expect(storeOptions({ outputs: file, job: "bank" }).place).toMatchObject({ table: "bank-table" });
  expect(() => storeOptions({ outputs: file })).toThrow(/--job \(shop, bank\)/);
  expect(() => storeOptions({ outputs: file, job: "inn" })).toThrow(/"Connection" but of shop/);
});

test("a file that tells of no job is refused as wrong usage", () => {
  const empty = outputs("none.json", []);
  expect(() => storeOptions({ outputs: empty })).toThrow(UsageError);
  expect(() => storeOptions({ outputs: join(folder, "missing.json") })).toThrow(
    /not a file of outputs/,
  );
});
