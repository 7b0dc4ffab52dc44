import { expect, test } from "vitest";
import { estimateCost, defaultWorkload, type Estimate } from "../../../cost/index.ts";
import { root } from "../tidy/sources.ts";
import { millraceHere } from "./command-here.ts";
import { jsonLines } from "./command.ts";

const job = "examples/flight-delays/job.ts";
const run = (...args: string[]) => millraceHere(root, ["cost", ...args]);

test("millrace cost tells what a job costs by service, and compares", async () => {
  const { exitCode, stdout, stderr } = await run(job, "--events-per-second", "1000");
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/job flight-delays, 1,000 events a second, us-east-1/);
  for (const service of ["Lambda", "DynamoDB", "Kinesis", "S3", "CloudWatch"])
    expect(stdout).toContain(`  ${service} `);
  expect(stdout).toMatch(/Managed Service for Apache Flink: from \d+\.\d\d for the same/);
  const [data] = jsonLines((await run(job, "--events-per-second", "1000", "--json")).stdout);
  const { usd, lines } = data as unknown as Estimate;
  expect(lines.reduce((sum, line) => sum + line.usd, 0)).toBeCloseTo(usd, 6);
  expect(stdout).toContain(`in all ${usd.toFixed(2)}`);
});

test("millrace cost says where a load does not fit, and what an option takes", async () => {
  const large = await run(job, "--events-per-second", "5000", "--event-bytes", "700");
  expect(large.stdout).toContain("needs 5 source shards at least; --source-shards is 1");
  const missing = await run(job);
  expect(missing).toMatchObject({ exitCode: 2, stderr: /--events-per-second <n>/ as unknown });
  const wrong = await run(job, "--events-per-second", "many");
  expect(wrong).toMatchObject({ exitCode: 2, stderr: /is "many"; it takes a number/ as unknown });
});

test("a longer window is cheaper, and more shards are dearer", () => {
  const cost = (load: object): number =>
    estimateCost({ hasExchange: true }, { ...defaultWorkload, eventsPerSecond: 100, ...load }).usd;
  expect(cost({ windowSeconds: 5 })).toBeLessThan(cost({ windowSeconds: 1 }));
  expect(cost({ exchangeShards: 4 })).toBeGreaterThan(cost({}));
  // Two shards, each 0.02 dollars an hour.
  expect(cost({}) - cost({ retentionHours: 24 })).toBeCloseTo(2 * 730 * 0.02, 6);
  expect(
    estimateCost({ hasExchange: false }, { ...defaultWorkload, eventsPerSecond: 100 }).usd,
  ).toBeLessThan(cost({}));
});
