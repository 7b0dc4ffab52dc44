import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openDeployedApp } from "../deployed-app.ts";
import type { World } from "../worlds/world.ts";

export interface Latency {
  /** From the put of a record until its row can be read, one by one. */
  readonly latenciesMs: readonly number[];
  /** Share of consecutive probes that the same environment served, of the source slot and of the exchange slot. */
  readonly sourceAffinity: number;
  readonly exchangeAffinity: number;
}

const job = "latency-probes";
const app = join(import.meta.dirname, "app.ts");
const askAgainMs = 20;
const patienceMs = 120_000;
/** Probes must not keep step with batch windows and ticks. */
const pauseMaxMs = 1_000;

interface ProbeRow {
  readonly number: number;
  readonly sourceEnvironment: string;
  readonly exchangeEnvironment: string;
}

/** Sends probes one after the other through an otherwise idle job, with pauses between them of up to a second. */
export async function measureLatency(world: World, probes: number): Promise<Latency> {
  const stack = await world.deploy({ app, job });
  const { ports, streams } = openDeployedApp(world, stack.outputsFile, job);
  const utf8 = new TextEncoder();
  const rows: ProbeRow[] = [];
  const latenciesMs: number[] = [];
  // The first one pays for the start of everything.
  for (let number = 0; number <= probes; number++) {
    const data = utf8.encode(JSON.stringify({ key: "probe", number }));
    const startedMs = performance.now();
    const [result] = await ports.writer.put(streams["probes"]!, [{ partitionKey: "probe", data }]);
    if (result?.put !== true) throw new Error(`Probe ${number} was not taken.`);
    const row = await seen(async () => {
      const found = await ports.tables.get("latest-probes", { key: "probe" });
      return found?.["number"] === number ? (found as unknown as ProbeRow) : undefined;
    });
    if (number > 0) latenciesMs.push(performance.now() - startedMs);
    rows.push(row);
    await wait(((number * 7_919) % 1_000) * (pauseMaxMs / 1_000));
  }
  return {
    latenciesMs,
    sourceAffinity: affinity(rows.map(({ sourceEnvironment }) => sourceEnvironment)),
    exchangeAffinity: affinity(rows.map(({ exchangeEnvironment }) => exchangeEnvironment)),
  };
}

async function seen<T>(look: () => Promise<T | undefined>): Promise<T> {
  const endMs = performance.now() + patienceMs;
  while (performance.now() < endMs) {
    const found = await look();
    if (found !== undefined) return found;
    await wait(askAgainMs);
  }
  throw new Error(`A probe was not seen within ${patienceMs / 1_000} s.`);
}

function affinity(environments: readonly string[]): number {
  const pairs = environments.slice(1).map((name, index) => name === environments[index]);
  return pairs.filter(Boolean).length / Math.max(1, pairs.length);
}
