import { afterAll, beforeAll, expect, test } from "vitest";
import { reshardTo } from "../../../dev/reshard.ts";
import { isMillraceError } from "../../../runtime/errors/millrace-error.ts";
import { readGeneration } from "../../../runtime/job/generation.ts";
import { readManifest, readSavepoint, takeSavepoint } from "../../../runtime/savepoints/index.ts";
import { readStateHistory } from "../../../runtime/savepoints/read-state-history.ts";
import { readCurrentState } from "../../../runtime/savepoints/read-current-state.ts";
import { plan, serveJob, someClicks } from "../http/served-job.ts";

/** So small a log is written over many times: state is in parts, and in few rows behind them. */
let served: Awaited<ReturnType<typeof serveJob>>;
beforeAll(async () => void (served = await serveJob({ ringSize: 8 })));
afterAll(async () => await served.close());

const stage = plan.stages.find(({ id }) => id === "totals")!;

async function current(state: string, key: string) {
  const generation = (await readGeneration(served.ports, plan.job))!;
  const query = { plan, generation, stage, operator: "totals", state, key };
  return await readCurrentState(served.ports, query);
}

const usersCount = 7;
const perUser = 40;

test("while the job goes on, a key's state only goes forwards, and its last is the savepoint's", async () => {
  const feeding = (async () => {
    for (let at = 0; at < perUser; at++) {
      const clicks = someClicks.slice(0, usersCount).map((click) => ({
        ...click,
        atMs: 2_000_000 + at,
      }));
      await served.put(clicks);
      await served.ports.clock.sleep(10);
    }
  })();
  const wanted = 9 + perUser;
  let last = { value: 0, version: 0 };
  const versions = new Set<number>();
  while (last.value < wanted) {
    const { rows, progress } = await current("total", "u0");
    const now = { value: rows[0]!.value as number, version: progress.version };
    expect(now.value).toBeGreaterThanOrEqual(last.value);
    expect(now.version).toBeGreaterThanOrEqual(last.version);
    // One version has one state.
    if (now.version === last.version) expect(now.value).toBe(last.value);
    last = now;
    versions.add(now.version);
    await served.ports.clock.sleep(1);
  }
  await feeding;
  expect(versions.size).toBeGreaterThan(1);
  // The log has gone round its ring.
  expect(last.version).toBeGreaterThan(8);
  await served.untilTaken(someClicks.length + usersCount * perUser);
  const taken = await takeSavepoint(served.ports, { job: plan.job, kind: "savepoint" });
  const manifest = await readManifest(served.ports.objects, taken.manifest);
  const saved = new Map<string, unknown[]>();
  for await (const { operator, state, key, mapKey, value } of readSavepoint(served.ports, manifest))
    if (operator === "totals") {
      const name = `${state} ${String(key)}`;
      saved.set(name, [...(saved.get(name) ?? []), [mapKey, value]]);
    }
  expect(saved.size).toBe(usersCount * 2);
  for (const [name, entries] of saved) {
    const [state = "", key = ""] = name.split(" ");
    const { rows } = await current(state, key);
    const found = rows.map(({ mapKey, value }) => [mapKey, value]);
    expect(found.toSorted(), name).toEqual(entries.toSorted());
  }
});

test("no key is lost sight of while its slot is split and merged, and the history says that it was", async () => {
  const totals = async () => {
    const found: unknown[] = [];
    for (let user = 0; user < usersCount; user++) {
      const { rows } = await current("total", `u${user}`);
      found.push(rows[0]?.value);
    }
    return found;
  };
  const before = await totals();
  const { exchangeStream } = served.job.names;
  const resharded = async (): Promise<number> => {
    const answer = await served.get("/jobs/clicks/events?kind=resharded");
    return ((await answer.json()) as { readonly events: readonly object[] }).events.length;
  };
  let looks = 0;
  // Two shards become four, and then one: of each that goes a slot is sealed.
  for (const [shards, sealed] of [
    [4, 2],
    [1, 6],
  ] as const) {
    await reshardTo(served.ports.admin, exchangeStream, shards);
    while ((await resharded()) < sealed) {
      try {
        expect(await totals()).toEqual(before);
        looks += 1;
      } catch (thrown) {
        if (!isMillraceError(thrown) || thrown.code !== "state-moving") throw thrown;
      }
      await served.ports.clock.sleep(5);
    }
  }
  expect(looks).toBeGreaterThan(0);
  expect(await totals()).toEqual(before);
});

test("how a key's state came to what it is goes back to the oldest checkpoint that the log follows", async () => {
  const generation = (await readGeneration(served.ports, plan.job))!;
  const query = { plan, generation, stage, operator: "totals", state: "total", key: "u0" };
  const { changes, from, to, slot } = await readStateHistory(served.ports, query, {
    changesMax: 100,
  });
  const { rows, progress } = await current("total", "u0");
  expect(slot).toBe(progress.slot);
  expect(changes[0]!.rows).toEqual(rows);
  const values = changes.map((change) => Number(change.rows[0]?.value));
  expect(values).toEqual([...new Set(values)].toSorted((one, other) => other - one));
  const versions = changes.map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].toSorted((one, other) => other - one));
  expect(Math.min(...versions)).toBeGreaterThanOrEqual(from);
  expect(Math.max(...versions)).toBeLessThanOrEqual(to);
  // The ring has eight rows.
  expect(to - from).toBeLessThanOrEqual(8);
});
