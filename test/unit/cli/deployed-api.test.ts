import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deployedApi } from "../../../cli/deployed-api.ts";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "millrace-api-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file of outputs whose connection has these variables besides. */
function outputsWith(variables: Readonly<Record<string, string>>): string {
  const file = join(folder, "outputs.json");
  const connection = { MILLRACE_JOB: "orders", AWS_REGION: "eu-west-1", ...variables };
  const stack = { PipelineConnection0A1B2C3D: JSON.stringify(connection) };
  writeFileSync(file, JSON.stringify({ Orders: stack }));
  return file;
}

const url = "https://abc123.lambda-url.eu-west-1.on.aws/";

test("the API of a deployment is found in its outputs, with what changes where there is such a thing", async () => {
  const reads = await deployedApi({ outputs: outputsWith({ MILLRACE_API_URL: url }) });
  expect(reads).toMatchObject({ url, writesUrl: undefined });
  const writesUrl = url.replace("abc", "xyz");
  const both = { MILLRACE_API_URL: url, MILLRACE_API_WRITES_URL: writesUrl };
  expect(await deployedApi({ outputs: outputsWith(both) })).toMatchObject({ url, writesUrl });
});

test("a folder, a table that is named and a deployment without an API have none", async () => {
  expect(await deployedApi({ outputs: outputsWith({}) })).toBeUndefined();
  expect(await deployedApi({ dir: folder })).toBeUndefined();
  const outputs = outputsWith({ MILLRACE_API_URL: url });
  expect(await deployedApi({ outputs, table: "jobs", bucket: "state" })).toBeUndefined();
});

test.each([
  "https://example.com/",
  "https://abc123.lambda-url.eu-west-1.on.aws.example.com/",
  "https://abc123.lambda-url.eu-west-1.on.aws@example.com/",
  "http://abc123.lambda-url.eu-west-1.on.aws/",
  "http://127.0.0.1.example.com:80/",
])("credentials are not shown to %s", async (other) => {
  for (const name of ["MILLRACE_API_URL", "MILLRACE_API_WRITES_URL"]) {
    const outputs = outputsWith({ MILLRACE_API_URL: url, [name]: other });
    await expect(deployedApi({ outputs })).rejects.toThrow("no function's URL");
  }
});
