import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { writeLocalOutputs } from "../../cli/local-outputs.ts";
import { type Emulators, startEmulators } from "../../localstack/emulators/emulators.ts";
import { eventsOf } from "../unit/http/events-of.ts";
import { root } from "../unit/tidy/sources.ts";
import { type FlightsOn, flightsOn } from "./flights-on.ts";

const rows = 3_000;
let folder: string;
let emulators: Emulators;
let flights: FlightsOn;
let serving: ChildProcess;
/** Of the console, with a slash at its end. */
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "millrace-api-"));
  emulators = await startEmulators();
  const app = join(import.meta.dirname, "fixture/flights-with-api.ts");
  flights = await flightsOn({ outside: emulators.variables, app });
  const outputs = join(folder, "outputs.json");
  writeLocalOutputs(outputs, "FlightDelays", flights.deployment);
  serving = spawn(process.execPath, [
    join(root, "cli/millrace.ts"),
    "console",
    "--outputs",
    outputs,
  ]);
  let printed = "";
  for (const stream of [serving.stdout!, serving.stderr!])
    stream.on("data", (chunk: Buffer) => void (printed += chunk.toString()));
  url = await vi.waitUntil(() => /http:\/\/127\.0\.0\.1:\d+\//.exec(printed)?.[0], {
    timeout: 120_000,
    interval: 100,
  });
  await flights.feed(0, rows);
  await flights.untilTaken(rows);
});
afterAll(async () => {
  if (serving !== undefined) {
    serving.kill("SIGINT");
    await once(serving, "exit");
  }
  await flights?.close();
  await emulators?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const read = async (path: string): Promise<unknown> => {
  const answer = await fetch(`${url}jobs/flight-delays${path}`);
  const text = await answer.text();
  expect(answer.status, `${path}: ${text}`).toBe(200);
  return JSON.parse(text) as unknown;
};

test("the console of a job on this machine shows what the functions of its API read, and follows it", async () => {
  const page = await (await fetch(url)).text();
  expect(page).toContain("<title>");
  expect(await read("")).toMatchObject({ job: "flight-delays", state: "running" });
  expect(await read("/plan")).toMatchObject({ job: "flight-delays" });
  const { states } = (await read("/state")) as { states: readonly unknown[] };
  expect(states.length).toBeGreaterThan(0);
  const events = eventsOf(await fetch(`${url}jobs/flight-delays/updates`));
  expect((await events.next()).data).toMatchObject({ job: "flight-delays" });
  await events.close();
  for (const path of ["/checkpoints", "/savepoints", "/events", "/exceptions", "/samples"])
    await read(path);
  await read("/deadletters");
  await read("/tables/airport-delays/rows?limit=5");
});

test("a savepoint that is asked for there is taken", async () => {
  const page = await (await fetch(url)).text();
  const [, token = ""] = /name="millrace-token" content="([0-9a-f]+)"/.exec(page) ?? [];
  const asked = await fetch(`${url}jobs/flight-delays/savepoints`, {
    method: "POST",
    body: JSON.stringify({ id: "from-the-console" }),
    headers: { "content-type": "application/json", "x-millrace-token": token },
  });
  expect(asked.status).toBe(202);
  await vi.waitFor(
    async () => {
      const text = JSON.stringify(await read("/savepoints"));
      expect(text).toContain("from-the-console");
      expect(text).toContain('"complete"');
    },
    { timeout: 200_000, interval: 1_000 },
  );
});

test("the functions of the API answer nobody who has not signed", async () => {
  const connection = Object.values(flights.deployment.outputs).find((value) =>
    value.includes("MILLRACE_API_URL"),
  );
  const { MILLRACE_API_URL, MILLRACE_API_WRITES_URL } = JSON.parse(connection!) as Record<
    string,
    string
  >;
  for (const functionUrl of [MILLRACE_API_URL!, MILLRACE_API_WRITES_URL!]) {
    expect(functionUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    expect((await fetch(`${functionUrl}jobs`)).status).toBe(403);
  }
});
