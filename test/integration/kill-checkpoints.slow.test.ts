import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import { askForSavepoint } from "../../runtime/savepoints/index.ts";
import { dice } from "../simulation/random.ts";
import { type KillWorld, killWorld, type Look } from "./kill-world.ts";
import type { KilledProcess } from "./killed-process.ts";
import { someVisits } from "./visits-job.ts";
import { patienceMs } from "../patience.ts";

/** Kills in all. MILLRACE_KILLS asks for more of them, MILLRACE_SEED for other ones. */
const killsMin = Number(process.env["MILLRACE_KILLS"] ?? 50);
const firstSeed = Number(process.env["MILLRACE_SEED"] ?? 20_261_122);
/** Two jobs live beside each other: a process that starts does not always need the processor. */
const seeds = [firstSeed, firstSeed + 1];
const killsGoal = Math.ceil(killsMin / seeds.length);
/** All kinds of kills, some twelve of them; where chance keeps one from its phase, there are a few more. */
const cyclesMax = Math.ceil(killsGoal / 5) + 10;
const killsInARow = 4;
const perKill = 120;
const visitsMax = (cyclesMax + 1) * 14 * perKill;
const exchangeShardsMax = 4;
/** A restore writes about half as often; each write counts twice. */
const restoreWrites = 34;

const root = mkdtempSync(join(tmpdir(), "millrace-kill-"));
const worlds: KillWorld[] = [];
afterAll(async () => {
  await Promise.all(worlds.map((world) => world.close()));
  rmSync(root, { recursive: true, force: true });
});

async function worldIn(folder: string): Promise<KillWorld> {
  const dir = join(root, folder);
  const world = await killWorld({ dir, compileCache: join(root, "compiled") });
  worlds.push(world);
  return world;
}

/** In the middle of what a process was killed, as the stores tell. */
const phases = ["checkpoint", "savepoint", "stop", "restore", "writing slots"] as const;
type Phase = (typeof phases)[number];

function phaseOfRun({ generation, epochs }: Look): Phase | undefined {
  if (generation?.ended !== false) return undefined;
  if (epochs.stopping) return "stop";
  if (epochs.newest?.status !== "open") return undefined;
  return epochs.newest.savepoint === undefined ? "checkpoint" : "savepoint";
}

/** A restore has a number, and has not published it. */
function phaseOfRestore(before: Look, now: Look): Phase | undefined {
  if (now.attempt === before.attempt || now.attempt === now.generation?.generation)
    return undefined;
  return now.prepared === 0 ? "restore" : "writing slots";
}

/** An epoch is open that was not before. */
const opened =
  (before: Look) =>
  ({ generation, epochs: { newest } }: Look): boolean =>
    newest?.status === "open" &&
    (generation?.generation !== before.generation?.generation ||
      newest.number > (before.epochs.newest?.number ?? 0));

/** Such an epoch is about to be completed. */
const shared =
  (before: Look) =>
  (now: Look): boolean =>
    now.isShared && opened(before)(now);

/** Such an epoch is to be the last one. */
const stopping =
  (before: Look) =>
  (now: Look): boolean =>
    now.epochs.stopping && opened(before)(now);

/** Whoever was started has done something. */
const moved =
  (before: Look) =>
  (now: Look): boolean =>
    now.commits > before.commits || JSON.stringify(now.epochs) !== JSON.stringify(before.epochs);

interface KillRun {
  /** What is waited for, given what there was before. */
  readonly moment: (before: Look) => (now: Look) => boolean;
  /** What it is asked for while it runs. */
  readonly asks?: "savepoint" | "stop";
}

/** A job in a folder, and what kills its processes. */
function killings(world: KillWorld, seed: number) {
  const { between, chance, pick } = dice(seed);
  const visits = someVisits(visitsMax, { seed, lateShare: 0 });
  const killed = new Map<Phase | "elsewhere", number>();
  let kills = 0;
  let fed = 0;
  let asked = 0;

  async function feed(): Promise<void> {
    await world.feed(visits.slice(fed, fed + perKill));
    fed += perKill;
  }

  async function kill(
    process: KilledProcess,
    phaseOf: (now: Look) => Phase | undefined,
  ): Promise<void> {
    // What was over by then was not killed.
    if ((await process.kill()) !== "SIGKILL") return;
    const phase = phaseOf(await world.look()) ?? "elsewhere";
    killed.set(phase, (killed.get(phase) ?? 0) + 1);
    kills += 1;
  }

  /** Runs the job, and kills it up to 50 ms after a moment: short waits are more frequent, since an epoch is soon over. */
  async function killRun({ moment, asks }: KillRun): Promise<void> {
    let before = await world.look();
    const process = world.run();
    if (chance(0.5)) {
      // What waited for the process is under way.
      await world.until(process, moved(before));
      before = await world.look();
    }
    await feed();
    if (asks !== undefined) {
      const id = `${asks}-${asked++}`;
      await askForSavepoint(world.ports, { job: "visits", id, kind: asks });
    }
    await world.until(process, moment(before));
    await pause(between(0, between(0, 50)));
    await kill(process, phaseOfRun);
    await world.expectEpochs();
  }

  async function killCheckpoints(): Promise<void> {
    // An epoch that was open when its process was killed is open in the next one, which may be killed in it as well.
    for (let times = 0; times < killsInARow; times++)
      await killRun({ moment: pick([opened, shared, moved]) });
  }

  async function killSavepoints(): Promise<void> {
    for (let times = 0; times < killsInARow; times++)
      await killRun({ moment: pick([opened, shared]), asks: "savepoint" });
  }

  async function stopWithKills(): Promise<void> {
    await killRun({ moment: stopping, asks: "stop" });
    await killRun({ moment: moved });
    const process = world.run();
    expect(await process.exit, process.errors()).toBe(0);
    expect((await world.look()).generation).toMatchObject({ outcome: "stopped" });
    await world.expectEpochs();
  }

  /** Kills a restore where it stands still, or wherever it is soon after its first change. */
  async function killRestore(): Promise<void> {
    const before = await world.look();
    const exchangeShards = between(1, exchangeShardsMax);
    if (chance(0.6)) {
      const process = world.restore({ exchangeShards, standsAt: between(1, restoreWrites) });
      await world.until(process, () => process.said() !== "");
      return await kill(process, (now) => phaseOfRestore(before, now));
    }
    const process = world.restore({ exchangeShards });
    const reshards = chance(0.3);
    const hasBegun = ({ attempt, shards }: Look): boolean =>
      attempt > before.attempt || (reshards && shards > before.shards);
    await world.until(process, hasBegun);
    await pause(between(0, 10));
    await kill(process, (now) => phaseOfRestore(before, now));
  }

  async function restoreWithKills(): Promise<void> {
    for (let times = 0; times < killsInARow; times++) {
      await feed();
      await killRestore();
    }
    const { attempt } = await world.look();
    const process = world.restore({ exchangeShards: between(1, exchangeShardsMax) });
    expect(await process.exit, process.errors()).toBe(0);
    const { generation } = await world.look();
    expect(generation).toMatchObject({ generation: attempt + 1, ended: false });
  }

  /** The job runs while it is taken back. */
  async function takeBackWithKills(): Promise<void> {
    const process = world.run();
    await world.until(process, moved(await world.look()));
    await restoreWithKills();
    await world.until(process, opened(await world.look()));
    await kill(process, phaseOfRun);
    await world.expectEpochs();
  }

  return {
    async untilEnough(): Promise<void> {
      const isEnough = (): boolean =>
        kills + killsInARow >= killsGoal && phases.every((phase) => killed.has(phase));
      for (let cycle = 0; cycle < cyclesMax && !isEnough(); cycle++) {
        await killCheckpoints();
        await killSavepoints();
        if (cycle % 2 === 0) await stopWithKills();
        await (cycle % 2 === 0 ? restoreWithKills() : takeBackWithKills());
      }
      await killCheckpoints();
    },
    kills: () => kills,
    killed,
    /** What the job was given, and what it is to be given before it ends. */
    fed: () => visits.slice(0, fed),
    rest: () => visits.slice(fed, fed + 4 * perKill),
  };
}

test.concurrent.for(seeds)(
  "kill -9 during checkpoints, savepoints, stops and restores changes no result and damages no epoch (seed %i)",
  { timeout: patienceMs * Math.ceil(killsMin / 50) },
  async (seed, { annotate }) => {
    const world = await worldIn(`job-${seed}`);
    const killing = killings(world, seed);
    await killing.untilEnough();
    const text = `${killing.kills()} kills: ${JSON.stringify(Object.fromEntries(killing.killed))}`;
    await annotate(text);
    expect(killing.kills()).toBeGreaterThanOrEqual(killsGoal);
    for (const phase of phases) expect([...killing.killed.keys()], text).toContain(phase);

    // The job goes on where it is, and a copy of it from its newest epoch.
    const copied = `copy-${seed}`;
    cpSync(join(root, `job-${seed}`), join(root, copied), { recursive: true });
    const copy = await worldIn(copied);
    const process = copy.restore({ exchangeShards: 3 });
    expect(await process.exit, process.errors()).toBe(0);
    await Promise.all(
      [world, copy].map(async (one) => {
        await one.feed(killing.rest());
        await one.expectTables([...killing.fed(), ...killing.rest()]);
      }),
    );
  },
);
