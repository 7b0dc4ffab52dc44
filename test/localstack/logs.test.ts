import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ChildServer } from "../../localstack/emulators/child-server.ts";
import { localClientIdentity, localIdentity } from "../../localstack/emulators/emulators.ts";
import { startMoto } from "../../localstack/emulators/moto.ts";
import { jsonLines, millrace } from "../unit/cli/command.ts";

let moto: ChildServer;
let client: CloudWatchLogsClient;
let folder: string;

const nowMs = Date.now();
const groups = { process: "Shop-ProcessLog", coordinator: "Shop-CoordinatorLog" };

beforeAll(async () => {
  moto = await startMoto();
  folder = mkdtempSync(join(tmpdir(), "millrace-logs-"));
  client = new CloudWatchLogsClient({
    ...localClientIdentity,
    endpoint: moto.url,
  });
  for (const logGroupName of Object.values(groups)) {
    await client.send(new CreateLogGroupCommand({ logGroupName }));
    await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName: "one" }));
  }
  const connection = {
    MILLRACE_JOB: "shop",
    MILLRACE_PROCESS_LOG_GROUP: groups.process,
    MILLRACE_COORDINATOR_LOG_GROUP: groups.coordinator,
    AWS_REGION: localIdentity.AWS_REGION,
  };
  const outputs = { Shop: { PipelineConnection5D6C298F: JSON.stringify(connection) } };
  writeFileSync(join(folder, "outputs.json"), JSON.stringify(outputs));
  await put("process", [
    [nowMs - 3_600_000, "an hour ago"],
    [nowMs - 60_000, { level: "warn", message: "user code failed", slot: "orders/shard-0" }],
    [nowMs - 20_000, "it goes on"],
  ]);
  await put("coordinator", [[nowMs - 40_000, { level: "warn", message: "an epoch expired" }]]);
});
afterAll(async () => {
  client?.destroy();
  await moto?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** As the functions would: an object is a line of the job's own. */
async function put(
  kind: keyof typeof groups,
  events: readonly (readonly [atMs: number, message: string | object])[],
): Promise<void> {
  const logEvents = events.map(([timestamp, message]) => ({
    timestamp,
    message:
      typeof message === "string" ? message : JSON.stringify({ timeMs: timestamp, ...message }),
  }));
  const place = { logGroupName: groups[kind], logStreamName: "one" };
  await client.send(new PutLogEventsCommand({ ...place, logEvents }));
}

function logs(...args: readonly string[]) {
  const variables = { ...localIdentity, AWS_ENDPOINT_URL: moto.url };
  return millrace(folder, ["logs", "--outputs", "outputs.json", ...args], "", variables);
}

const messagesIn = (stdout: string): readonly unknown[] =>
  jsonLines(stdout).map(({ message }) => message);

test("the logs of both functions come in the order of their times, a line each", async () => {
  const { exitCode, stdout, stderr } = await logs().end;
  expect(stderr).toBe("");
  expect(stdout.split("\n").map((line) => line.slice(26))).toEqual([
    "WARN   process orders/shard-0  user code failed",
    "WARN   coordinator  an epoch expired",
    "INFO   process  it goes on",
    "",
  ]);
  expect(exitCode).toBe(0);
});

test("--since and --function choose, and --json is for programs", async () => {
  const { stdout } = await logs("--since", "2h", "--function", "process", "--json").end;
  expect(messagesIn(stdout)).toEqual(["an hour ago", "user code failed", "it goes on"]);
  expect(jsonLines(stdout)[1]).toEqual({
    type: "log",
    function: "process",
    timeMs: nowMs - 60_000,
    level: "WARN",
    message: "user code failed",
    slot: "orders/shard-0",
    detail: {},
  });
});

test("every page is read", async () => {
  const many = Array.from(
    { length: 10_050 },
    (_, at) => [nowMs - 86_400_000 + at, `${at}`] as const,
  );
  for (let at = 0; at < many.length; at += 5_000) await put("process", many.slice(at, at + 5_000));
  const { stdout } = await logs("--since", "2d", "--function", "process", "--json").end;
  const messages = messagesIn(stdout);
  expect(messages.slice(0, many.length)).toEqual(many.map(([, message]) => message));
  expect(messages).toHaveLength(many.length + 3);
});

test("--follow goes on with what comes, shows nothing twice, and ends with Ctrl-C", async () => {
  const command = logs("--follow", "--json");
  await command.until((text) => text.includes("it goes on"));
  await put("coordinator", [[nowMs - 30_000, "late"]]);
  await put("process", [[Date.now(), "new"]]);
  const shown = await command.until((text) => text.includes("late") && text.includes("new"));
  expect(messagesIn(shown).toSorted()).toEqual(
    ["user code failed", "an epoch expired", "it goes on", "late", "new"].toSorted(),
  );
  command.kill("SIGINT");
  expect((await command.end).exitCode).toBe(0);
});

test("a log group that is not there is named", async () => {
  const variables = { MILLRACE_PROCESS_LOG_GROUP: "nowhere" };
  const env = { ...localIdentity, ...variables, AWS_ENDPOINT_URL: moto.url };
  const { exitCode, stderr } = await millrace(folder, ["logs", "--function", "process"], "", env)
    .end;
  expect(stderr).toMatch(/log group "nowhere".*store-missing/s);
  expect(exitCode).toBe(1);
});
