import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { createStreams } from "../../runtime/embedded/job-world.ts";
import { durablePorts } from "../../runtime/embedded/ports.ts";
import { buildPlan } from "../../runtime/planner/build-plan.ts";
import { listProgress } from "../../runtime/job/progress.ts";
import { startProcess } from "./killed-process.ts";
import { rowsOf } from "./slot-world.ts";
import { plainVisits, someVisits, visitsJob } from "./visits-job.ts";
import { patienceMs } from "../patience.ts";

const kills = 10;
const perKill = 300;
const seed = 20_261_121;
const dir = mkdtempSync(join(tmpdir(), "millrace-kill-"));
const ports = durablePorts(dir);

afterAll(() => {
  ports.close();
  rmSync(dir, { recursive: true, force: true });
});

const start = () => startProcess("kill-child.ts", [dir]);

/** Commits that all slots have delivered. */
async function commits(): Promise<number> {
  const rows = await listProgress(ports, { job: "visits", generation: 1 });
  return rows.reduce((sum, { version }) => sum + version, 0);
}

test(
  "kill -9 at ten moments of a durable run does not change its result",
  { timeout: patienceMs },
  async () => {
    const visits = someVisits((kills + 1) * perKill, { seed });
    const plan = buildPlan(visitsJob().graph);
    await createStreams(plan, ports, { source: 2, exchange: 2 });
    const feed = async (part: number) => {
      const some = visits.slice(part * perKill, (part + 1) * perKill);
      const entries = some.map((visit, index) => ({
        partitionKey: `${part}-${index}`,
        data: new TextEncoder().encode(JSON.stringify(visit)),
      }));
      await ports.writer.put("visits", entries);
    };
    let random = seed;
    for (let kill = 0; kill < kills; kill++) {
      random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
      const { isOver, kill: end, errors } = start();
      const goal = (await commits()) + 1 + ((random >>> 8) % 20);
      await feed(kill);
      await vi.waitFor(
        async () => {
          expect(isOver(), errors()).toBe(false);
          expect(await commits(), errors()).toBeGreaterThanOrEqual(goal);
        },
        { interval: 1, timeout: patienceMs },
      );
      expect(await end()).toBe("SIGKILL");
    }
    await feed(kills);
    await ports.admin.endStream("visits");
    const { exit, errors } = start();
    expect(await exit, errors()).toBe(0);
    const plain = plainVisits(visits);
    for (const table of ["counts", "sessions", "totals"] as const)
      expect(await rowsOf(ports, table), `${table} with seed ${seed}`).toEqual(plain[table]);
  },
);
