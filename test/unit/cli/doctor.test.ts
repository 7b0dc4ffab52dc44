import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { checkNode } from "../../../cli/doctor/machine-checks.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines } from "./command.ts";
import { type StacksServer, stacksServer } from "./stacks-server.ts";

let folder: string;
let aws: StacksServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-doctor-"));
  aws = await stacksServer();
});
afterAll(async () => {
  await aws.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  writeCdk("2.1100.0 (build abc)");
  Object.assign(aws, {
    deployed: { CDKToolkit: { BootstrapVersion: "27" } },
    limits: { ConcurrentExecutions: 1_000, UnreservedConcurrentExecutions: 900 },
    quotas: { ShardLimit: 500, OpenShardCount: 3, writeUnits: 40_000 },
    aheadMs: 0,
    denies: false,
  });
});

function writeCdk(version: string): void {
  const bin = join(folder, "node_modules", ".bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "cdk"), `#!/bin/sh\necho '${version}'\n`);
  chmodSync(join(bin, "cdk"), 0o755);
}

const none = {
  AWS_REGION: "",
  AWS_DEFAULT_REGION: "",
  AWS_PROFILE: "",
  AWS_ACCESS_KEY_ID: "",
  AWS_SECRET_ACCESS_KEY: "",
  AWS_CONFIG_FILE: "/none",
  AWS_SHARED_CREDENTIALS_FILE: "/none",
  AWS_EC2_METADATA_DISABLED: "true",
};
const account = (): Record<string, string> => ({
  ...none,
  AWS_REGION: "eu-west-1",
  AWS_ACCESS_KEY_ID: "AKIATEST",
  AWS_SECRET_ACCESS_KEY: "very-secret",
  AWS_ENDPOINT_URL: aws.url,
  AWS_MAX_ATTEMPTS: "1",
});

async function examined(variables: Record<string, string>) {
  const { exitCode, stdout, stderr } = await millraceHere(folder, ["doctor", "--json"], variables);
  expect(stderr).toBe("");
  expect(stdout).not.toContain("very-secret");
  const findings = new Map(jsonLines(stdout).map((line) => [line["name"], line]));
  return { exitCode, of: (name: string) => findings.get(name) };
}

const checks = ["node", "sqlite", "cdk", "credentials", "region", "clock"];
const ofAccount = ["bootstrap", "lambda quota", "kinesis quota", "dynamodb quota"];

test("all is well where all is there", async () => {
  const { exitCode, of } = await examined(account());
  for (const name of [...checks, ...ofAccount]) expect(of(name)).toMatchObject({ state: "ok" });
  expect(of("bootstrap")).toMatchObject({ message: expect.stringContaining("27") as string });
  expect(exitCode).toBe(0);
});

test("without credentials it looks at this machine, says so, and nothing must be mended", async () => {
  const { exitCode, of } = await examined(none);
  for (const name of ["node", "sqlite", "cdk"]) expect(of(name)).toMatchObject({ state: "ok" });
  expect(of("credentials")).toMatchObject({
    state: "note",
    message: expect.stringMatching(/none of AWS.*on this machine without/) as string,
    next: expect.stringContaining("aws sso login") as string,
  });
  for (const name of [...ofAccount, "clock"]) expect(of(name)).toMatchObject({ state: "skipped" });
  expect(exitCode).toBe(0);
});

type Damage = readonly [check: string, damage: () => void, what: RegExp, how: RegExp];

const damages: readonly Damage[] = [
  [
    "bootstrap",
    () => void (aws.deployed = {}),
    /eu-west-1 is not bootstrapped/,
    /npx cdk bootstrap/,
  ],
  [
    "bootstrap",
    () => void (aws.deployed = { CDKToolkit: { BootstrapVersion: "5" } }),
    /version 5/,
    /cdk/,
  ],
  [
    "lambda quota",
    () => void (aws.limits = { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 2 }),
    /2 of 10 concurrent executions/,
    /Service Quotas, AWS Lambda/,
  ],
  [
    "kinesis quota",
    () => void (aws.quotas = { ...aws.quotas, OpenShardCount: 499 }),
    /499 of 500 provisioned shards/,
    /Shards per Region/,
  ],
  [
    "clock",
    () => void (aws.aheadMs = 400_000),
    /6 min 3\d s behind that of AWS|6 min 40 s behind/,
    /NTP/,
  ],
  ["cdk", () => writeCdk("1.204.0"), /is CDK 1.204.0, and 2 is needed/, /aws-cdk@2/],
];

test.each(damages)(
  "%s is something to be mended, and it is said how",
  async (name, damage, what, how) => {
    damage();
    const { exitCode, of } = await examined(account());
    expect(of(name)).toMatchObject({
      state: "failed",
      message: expect.stringMatching(what) as string,
      next: expect.stringMatching(how) as string,
    });
    expect(exitCode).toBe(1);
  },
);

test("a low limit, few write units or a clock that is a minute off are worth a note", async () => {
  aws.limits = { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 };
  aws.quotas = { ...aws.quotas, writeUnits: 1_000 };
  aws.aheadMs = -60_000;
  const { exitCode, of } = await examined(account());
  for (const name of ["lambda quota", "dynamodb quota", "clock"])
    expect(of(name)).toMatchObject({ state: "note", next: expect.any(String) as string });
  expect(of("clock")).toMatchObject({ message: expect.stringMatching(/ahead/) as string });
  expect(exitCode).toBe(0);
});

test("credentials that AWS refuses must be mended", async () => {
  aws.denies = true;
  const { exitCode, of } = await examined(account());
  expect(of("credentials")).toMatchObject({
    state: "failed",
    next: expect.stringContaining("aws sso login") as string,
  });
  for (const name of ofAccount) expect(of(name)).toMatchObject({ state: "skipped" });
  expect(exitCode).toBe(1);
});

test("credentials without a region need one", async () => {
  const { exitCode, of } = await examined({ ...account(), AWS_REGION: "" });
  expect(of("region")).toMatchObject({ state: "failed" });
  expect(exitCode).toBe(1);
});

test("people read it too", async () => {
  aws.deployed = {};
  const { exitCode, stdout } = await millraceHere(folder, ["doctor"], account());
  expect(stdout).toMatch(/^ok +node +Node \d/);
  expect(stdout).toMatch(/\nfailed +bootstrap +eu-west-1 is not bootstrapped.*\n +Run once/);
  expect(stdout).toMatch(/\nsomething must be mended\n$/);
  expect(exitCode).toBe(1);
});

test("an old Node is something to be mended", () => {
  expect(checkNode("20.19.0")).toMatchObject({
    state: "failed",
    next: expect.any(String) as string,
  });
});
