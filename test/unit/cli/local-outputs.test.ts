import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeLocalOutputs } from "../../../cli/local-outputs.ts";
import { type AwsWorld, awsWorld } from "../../contract/aws-world.ts";
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

/** What the construct's output is once the stack is there. */
const connection = (names: Readonly<Record<string, string>>): Record<string, string> => ({
  PipelineStreamorders: "local-orders",
  PipelineConnection5D6C298F: JSON.stringify({
    MILLRACE_JOB: "shop",
    MILLRACE_STREAMS: JSON.stringify({ orders: "local-orders" }),
    AWS_REGION: "us-east-1",
    ...names,
  }),
});

test("commands find a local deployment by its outputs alone, whatever the environment leads to", async () => {
  await world.createStream("local-orders", 1);
  const file = join(folder, "new", "outputs.json");
  const { variables } = world;
  const remove = writeLocalOutputs(file, "Shop", { outputs: connection({}), variables });
  const elsewhere = { AWS_ENDPOINT_URL_KINESIS: "http://127.0.0.1:1", AWS_PROFILE: "absent" };
  const args = ["put", "orders", "-", "--outputs", file, "--json"];
  const { exitCode, stdout } = await millrace(folder, args, '{"a":1}\n{"a":2}\n', elsewhere).end;
  expect(jsonLines(stdout)).toMatchObject([{ type: "put", records: 2 }]);
  expect(exitCode).toBe(0);
  remove();
  expect(existsSync(file)).toBe(false);
});

test("outputs that lead away from this machine are refused", async () => {
  const far = connection({ AWS_ENDPOINT_URL_KINESIS: "http://example.com" });
  writeFileSync(join(folder, "far.json"), JSON.stringify({ Shop: far }));
  writeFileSync(join(folder, "a.jsonl"), "{}\n");
  const args = ["put", "orders", "a.jsonl", "--outputs", "far.json"];
  const { exitCode, stderr } = await millraceHere(folder, args);
  expect(stderr).toMatch(/far.json has AWS_ENDPOINT_URL_KINESIS=.*not on this machine/);
  expect(exitCode).toBe(2);
});
