import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startEnvironment } from "../../../localstack/lambda/environment.ts";
import { lambdaFunction } from "../../../localstack/lambda/lambda-function.ts";
import { systemRandom } from "../../../runtime/node/system-environment.ts";

/** A runtime client that speaks the same protocol as AWS's own, which is too slow to compile for a unit test. */
const client = `
const [handler] = process.argv.slice(2);
const api = "http://" + process.env.AWS_LAMBDA_RUNTIME_API + "/2018-06-01/runtime";
if (handler === "broken.handler") {
  await fetch(api + "/init/error", { method: "POST", body: '{"errorMessage":"no such module"}' });
  process.exit(1);
}
for (;;) {
  const next = await fetch(api + "/invocation/next");
  const id = next.headers.get("lambda-runtime-aws-request-id");
  const event = await next.json();
  if (event.exit) process.exit(3);
  if (event.loop) for (;;);
  const kind = event.fail ? "error" : "response";
  const answer = { ...event, pid: process.pid, left: next.headers.get("lambda-runtime-deadline-ms") - Date.now(), home: process.env.HOME };
  await fetch(api + "/invocation/" + id + "/" + kind, { method: "POST", body: JSON.stringify(answer) });
}`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-environment-"));
  writeFileSync(join(folder, "client.mjs"), client);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const optionsOf = (handler = "index.handler") => ({
  configuration: {
    name: "f",
    arn: "arn:aws:lambda:us-east-1:000000000000:function:f",
    codeFolder: folder,
    handler,
    variables: { A: "1" },
    timeoutMs: 1_000,
    memoryMiB: 128,
  },
  runtimeClient: join(folder, "client.mjs"),
  log: new PassThrough(),
});
const invocation = (event: object) => ({ requestId: "r1", payload: JSON.stringify(event) });

test("an environment answers one invocation after the other in one process, and tells the deadline", async () => {
  const environment = await startEnvironment(optionsOf());
  const first = await environment.invoke(invocation({ n: 1 }));
  const second = await environment.invoke(invocation({ n: 2 }));
  expect(JSON.parse(first.payload)).toMatchObject({ n: 1, pid: environment.pid });
  expect(JSON.parse(second.payload)).toMatchObject({ n: 2, pid: environment.pid });
  const { left } = JSON.parse(second.payload) as { readonly left: number };
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThanOrEqual(1_000);
  await environment.kill();
  expect(environment.isAlive()).toBe(false);
});

test("an environment sees the function's variables only, not those of this process", async () => {
  const environment = await startEnvironment(optionsOf());
  const { payload } = await environment.invoke(invocation({}));
  expect(JSON.parse(payload)).not.toHaveProperty("home");
  await environment.kill();
});

test("an error of the function is answered as such, and the environment lives on", async () => {
  const environment = await startEnvironment(optionsOf());
  const failed = await environment.invoke(invocation({ fail: true }));
  expect(failed.functionError).toBe("Unhandled");
  expect(environment.isAlive()).toBe(true);
  await environment.kill();
});

test("an invocation that takes longer than the time-out is cut off, and its process is killed", async () => {
  const environment = await startEnvironment(optionsOf());
  const { functionError, payload } = await environment.invoke(invocation({ loop: true }));
  expect(functionError).toBe("Unhandled");
  expect(payload).toContain("Task timed out after 1.00 seconds");
  expect(environment.isAlive()).toBe(false);
});

test("a process that ends in an invocation fails it", async () => {
  const environment = await startEnvironment(optionsOf());
  const { functionError, payload } = await environment.invoke(invocation({ exit: true }));
  expect(functionError).toBe("Unhandled");
  expect(payload).toContain("Runtime exited with error: 3");
});

test("code that can't be loaded is told with its reason", async () => {
  await expect(startEnvironment(optionsOf("broken.handler"))).rejects.toThrow("no such module");
});

test("a function spreads its invocations over its environments, queues what is too much, and replaces killed ones", async () => {
  const fn = lambdaFunction({ ...optionsOf(), maxEnvironments: 2, random: systemRandom });
  const pids = async (count: number) => {
    const answers = await Promise.all(
      Array.from({ length: count }, (_, n) => fn.invoke(JSON.stringify({ n }))),
    );
    return new Set(answers.map(({ payload }) => (JSON.parse(payload) as { pid: number }).pid));
  };
  const before = await pids(8);
  expect(before.size).toBe(2);
  expect(fn.figures()).toMatchObject({ invocations: 8, errors: 0, environments: 2 });
  expect(await fn.killOne()).toBe(true);
  const after = await pids(8);
  expect(after.size).toBe(2);
  expect(after).not.toEqual(before);
  expect(fn.figures().coldStartsMs).toHaveLength(3);
  await fn.stop();
  expect(fn.figures().environments).toBe(0);
});
