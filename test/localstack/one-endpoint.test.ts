import { readdir, readFile, readlink } from "node:fs/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ChildServer } from "../../localstack/emulators/child-server.ts";
import { localIdentity } from "../../localstack/emulators/emulators.ts";
import { startOneEndpoint } from "../../localstack/emulators/one-endpoint.ts";
import { flightsOn } from "./flights-on.ts";

let server: ChildServer;

beforeAll(async () => void (server = await startOneEndpoint()));
afterAll(() => server?.stop());

/** kinesis-local slows down with what it stores. */
const rows = 3_000;

test("with nothing but AWS_ENDPOINT_URL, LocalStack's CloudFormation makes the streams, tables and bucket, and the flights come out right", async () => {
  const flights = await flightsOn({ outside: { ...localIdentity, AWS_ENDPOINT_URL: server.url } });
  try {
    const { resources } = flights.deployment;
    expect(new Set(resources.map(({ by }) => by))).toEqual(new Set(["CloudFormation"]));
    await flights.expectRight(rows);
  } finally {
    await flights.close();
  }
});

test("its emulators listen on 127.0.0.1 only, and nothing of it is left once it is stopped", async () => {
  const pids = await descendantsOf(server.pid);
  expect(pids.length).toBeGreaterThanOrEqual(3);
  const addresses = await listenersOf(pids);
  expect(addresses.length).toBeGreaterThanOrEqual(3);
  expect(addresses.filter((address) => !isLoopback(address))).toEqual([]);
  await server.stop();
  await vi.waitFor(
    () => {
      for (const pid of pids) expect(() => process.kill(pid, 0), `process ${pid}`).toThrow("ESRCH");
    },
    { timeout: 10_000 },
  );
});

/** A process and all that it has started, as Linux tells it. */
async function descendantsOf(pid: number): Promise<readonly number[]> {
  const threads = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(
    threads.map((thread) => readFile(`/proc/${pid}/task/${thread}/children`, "utf8")),
  );
  const children = lists.flatMap((list) => list.split(" ").filter(Boolean).map(Number));
  const below = await Promise.all(children.map(descendantsOf));
  return [pid, ...below.flat()];
}

/** Local addresses, in hexadecimal, on which one of the processes listens. */
async function listenersOf(pids: readonly number[]): Promise<readonly string[]> {
  const sockets = new Set<string>();
  for (const pid of pids)
    for (const fd of await readdir(`/proc/${pid}/fd`)) {
      const link = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => "");
      const inode = /^socket:\[(\d+)\]$/.exec(link)?.[1];
      if (inode !== undefined) sockets.add(inode);
    }
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "utf8")),
  );
  return tables.flatMap((table) =>
    table
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode = ""]) => state === listening && sockets.has(inode))
      .map(([, local = ""]) => local.split(":")[0]!),
  );
}

const listening = "0A";

/** 127.0.0.1, ::1 and ::ffff:127.0.0.1, as the kernel writes them on a little-endian machine. */
const isLoopback = (address: string): boolean =>
  ["0100007F", "00000000000000000000000001000000", "0000000000000000FFFF00000100007F"].includes(
    address,
  );
