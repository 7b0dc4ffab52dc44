import { expect, vi } from "vitest";
import { type Epochs, readEpochs } from "../../runtime/checkpoint/epochs.ts";
import { createStreams } from "../../runtime/embedded/job-world.ts";
import { durablePorts, type EmbeddedPorts } from "../../runtime/embedded/ports.ts";
import { buildPlan } from "../../runtime/planner/build-plan.ts";
import { listCheckpoints, readManifest, verifySavepoint } from "../../runtime/savepoints/index.ts";
import { type Generation, readGeneration } from "../../runtime/job/generation.ts";
import { listProgress } from "../../runtime/job/progress.ts";
import { type KilledProcess, startProcess } from "./killed-process.ts";
import { patienceMs } from "../patience.ts";
import { rowsOf } from "./slot-world.ts";
import { plainVisits, type Visit, visitsJob } from "./visits-job.ts";

const job = "visits";
const intervalMs = 100;

/** What the stores of a folder say about its job. */
export interface Look {
  /** Undefined before the job was run for the first time. */
  readonly generation: Generation | undefined;
  readonly epochs: Epochs;
  /** The newest generation that a restore has begun to prepare, and how many of its slots are written. */
  readonly attempt: number;
  readonly prepared: number;
  /** Commits of the generation that lives which all have been delivered. */
  readonly commits: number;
  /** Every slot's share of the open epoch is complete: its manifest is written next. */
  readonly isShared: boolean;
  /** Shards of the exchange, closed ones too. */
  readonly shards: number;
}

/** A folder in which a job lives whose processes are killed. */
export interface KillWorld {
  readonly ports: EmbeddedPorts;
  look(): Promise<Look>;
  /** Starts a process that runs the job. */
  run(): KilledProcess;
  /** Starts a process that restores the newest epoch; it stands still at one of its writes. */
  restore(options: { readonly exchangeShards: number; readonly standsAt?: number }): KilledProcess;
  /** Resolves when the stores show what is looked for, or the process is over by itself and without an error. */
  until(process: KilledProcess, isReached: (look: Look) => boolean): Promise<void>;
  feed(visits: readonly Visit[]): Promise<void>;
  /** Every complete epoch can be restored, and none that must be kept is gone or another one than it was. */
  expectEpochs(): Promise<void>;
  /** Lets the job come to its end, and compares its tables with the plain computation. */
  expectTables(visits: readonly Visit[]): Promise<void>;
  close(): Promise<void>;
}

export interface KillWorldOptions {
  readonly dir: string;
  /** Where processes find compiled code: they start in half the time. */
  readonly compileCache: string;
}

export async function killWorld({ dir, compileCache }: KillWorldOptions): Promise<KillWorld> {
  const ports = durablePorts(dir);
  const plan = buildPlan(visitsJob().graph);
  await createStreams(plan, ports, { source: 2, exchange: 2 });
  const started: KilledProcess[] = [];
  const start = (file: string, ...args: readonly string[]): KilledProcess => {
    const process = startProcess(file, [dir, ...args], { NODE_COMPILE_CACHE: compileCache });
    started.push(process);
    return process;
  };
  const run = (): KilledProcess => start("kill-child.ts", String(intervalMs));
  let fed = 0;
  /** Manifests by key, as they were when they were seen first. */
  const known = new Map<string, string>();
  return {
    ports,
    look: () => lookAt(ports),
    run,
    restore: ({ exchangeShards, standsAt }) =>
      start(
        "kill-restore-child.ts",
        String(exchangeShards),
        ...(standsAt === undefined ? [] : [String(standsAt)]),
      ),
    until: async (process, isReached) => {
      await vi.waitUntil(async () => process.isOver() || isReached(await lookAt(ports)), {
        interval: 1,
        timeout: patienceMs,
      });
      if (process.isOver()) expect(await process.exit, process.errors()).toBe(0);
    },
    feed: async (visits) => {
      const entries = visits.map((visit) => ({
        partitionKey: `p${fed++}`,
        data: new TextEncoder().encode(JSON.stringify(visit)),
      }));
      await ports.writer.put(plan.sources[0]!.stream, entries);
    },
    expectEpochs: () => expectEpochs(ports, known),
    expectTables: async (visits) => {
      await ports.admin.endStream("visits");
      const process = run();
      expect(await process.exit, process.errors()).toBe(0);
      expect(await readGeneration(ports, job)).toMatchObject({ outcome: "finished" });
      const plain = plainVisits(visits);
      for (const table of ["counts", "sessions", "totals"] as const)
        expect(await rowsOf(ports, table), table).toEqual(plain[table]);
      await expectEpochs(ports, known);
    },
    close: async () => {
      await Promise.all(started.map(({ kill }) => kill()));
      ports.close();
    },
  };
}

async function lookAt(ports: EmbeddedPorts): Promise<Look> {
  const generation = await readGeneration(ports, job);
  const number = generation?.generation ?? 0;
  const attempt = (await ports.control.get({ partition: `${job}#job`, sort: "attempts" }))?.rank;
  const progress = await listProgress(ports, { job, generation: number });
  const { epochs } = await readEpochs(ports, job, number);
  const open = epochs.newest?.status === "open" ? epochs.newest.number : undefined;
  const isAhead = attempt !== undefined && attempt > number;
  return {
    generation,
    epochs,
    attempt: attempt ?? 0,
    prepared: isAhead ? (await listProgress(ports, { job, generation: attempt })).length : 0,
    commits: progress.reduce((sum, { version }) => sum + version, 0),
    isShared: progress.every(
      ({ sealed, checkpoint }) =>
        sealed || (checkpoint?.epoch === open && checkpoint?.complete === true),
    ),
    shards: (await ports.reader.listShards(`${job}-exchange`)).length,
  };
}

async function expectEpochs(ports: EmbeddedPorts, known: Map<string, string>): Promise<void> {
  const listed = new Set<string>();
  const named = new Set<string>();
  for (const { status, manifest: key = "", savepoint } of await listCheckpoints(ports, job)) {
    expect(status, key).not.toBe("unreadable");
    if (status !== "complete") continue;
    const manifest = await readManifest(ports.objects, key);
    await verifySavepoint(ports, key, manifest);
    const text = JSON.stringify(manifest);
    expect(text).toBe(known.get(key) ?? text);
    known.set(key, text);
    listed.add(key);
    if (savepoint !== undefined) named.add(savepoint);
  }
  const { epochs } = await lookAt(ports);
  for (const { id, status, reason } of epochs.requests) {
    if (status === "complete") expect(named).toContain(id);
    // The only reason for which an epoch of these tests can't complete.
    if (status === "failed") expect(reason).toMatch(/resharded/);
  }
  // Checkpoints go when there are newer ones; those that somebody asked for don't.
  const last = [...known.keys()].at(-1);
  for (const [key, text] of known) {
    if (listed.has(key)) continue;
    expect(JSON.parse(text)).not.toHaveProperty("savepoint");
    expect(key).not.toBe(last);
    known.delete(key);
  }
}
