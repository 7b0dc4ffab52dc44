import { expect, test, vi } from "vitest";
import { compare } from "../../examples/orders-dashboard/compare.ts";
import { feedOrders } from "../../examples/orders-dashboard/feed.ts";
import job from "../../examples/orders-dashboard/job.ts";
import jobWithAverage from "../../examples/orders-dashboard/job-with-average.ts";
import { plainResults } from "../../examples/orders-dashboard/plain.ts";
import { reshardTo } from "../../dev/reshard.ts";
import { runEmbedded } from "../../dev/run-embedded.ts";
import { createStreams, embeddedRuntime } from "../../runtime/embedded/job-world.ts";
import { type EmbeddedPorts, memoryPorts } from "../../runtime/embedded/ports.ts";
import { buildPlan } from "../../runtime/planner/build-plan.ts";
import { readDeadLetters } from "../../runtime/job/dead-letter-objects.ts";
import { listProgress } from "../../runtime/job/progress.ts";
import { driver, slotWorld } from "./slot-world.ts";
import { patienceMs } from "../patience.ts";

const stream = "orders";
const exchange = "orders-dashboard-exchange";

async function comparison(ports: EmbeddedPorts, records: { seed: number; count: number }) {
  const prefix = "orders-dashboard/1/dead-letters/";
  const deadLetters = (await readDeadLetters(ports.objects, prefix)).length;
  const scan = (table: string) => ports.tables.scan(table);
  return await compare({ scan, deadLetters }, plainResults(records));
}

test("the rows equal the plain computation though shards are split and merged, some lag behind, and batches are handed over twice", async () => {
  const [seed, count] = [3, 8_000];
  const world = await slotWorld(job, { sourceShards: 2, exchangeShards: 2 });
  const { admin, writer } = world.ports;
  const environments = [world.environment(), world.environment()];
  let turn = 0;
  let calls = 0;
  let isFeeding = true;
  const pick = () => environments[turn++ % 2]!;
  const round = world.coordinator(pick);
  const feed = driver({
    world,
    pick,
    batchSize: () => 100 + ((turn * 37) % 300),
    // While records come, some shards are left behind by the others.
    order: (ids) => (isFeeding ? ids.filter((_, at) => (at + calls++) % 3 > 0).toReversed() : ids),
    redelivers: () => turn % 4 === 0,
  });
  const [sourceShards, exchangeShards] = [
    [2, 3, 4, 3, 2, 4, 1, 2, 3, 2],
    [2, 2, 3, 4, 3, 3, 2, 1, 2, 3],
  ];
  for (let tenth = 0; tenth < 10; tenth++) {
    await reshardTo(admin, stream, sourceShards![tenth]!);
    await reshardTo(admin, exchange, exchangeShards![tenth]!);
    const [from, to] = [(tenth * count) / 10, ((tenth + 1) * count) / 10];
    await feedOrders({ writer, stream, seed, from, to });
    for (let pumps = 0; pumps < 6; pumps++) await feed.pump();
    world.clock.advance(300);
    await round();
  }
  isFeeding = false;
  await admin.endStream(stream);
  await feed.untilEnded(round);
  const { differences, rows } = await comparison(world.ports, { seed, count });
  expect(differences).toEqual([]);
  expect(rows["customer-sessions"]).toBeGreaterThan(1_000);
});

test("a new version takes over half-way: newer rows have its field, and all rows equal the plain computation", async () => {
  // More than an hour, so that orders are forgotten on the way.
  const [seed, count] = [4, 34_000];
  const ports = memoryPorts();
  await createStreams(buildPlan(job.graph), ports, { source: 2, exchange: 2 });
  const start = async ({ graph }: typeof job) =>
    await runEmbedded({ job: embeddedRuntime({ graph, plan: buildPlan(graph) }, ports) });
  const taken = async () => {
    const slots = await listProgress(ports, { job: "orders-dashboard", generation: 1 });
    return slots
      .filter((slot) => slot.stream === stream)
      .reduce((sum, { counters }) => sum + counters.records, 0);
  };
  const feed = { writer: ports.writer, stream, seed };
  const before = await start(job);
  await feedOrders({ ...feed, to: count / 2 });
  await vi.waitFor(async () => expect(await taken()).toBe(count / 2), {
    timeout: patienceMs,
    interval: 20,
  });
  before.stop();
  expect(await before.done).toBe("stopped");
  const after = await start(jobWithAverage);
  await feedOrders({ ...feed, from: count / 2, to: count });
  await ports.admin.endStream(stream);
  expect(await after.done).toBe("ended");
  const { differences, rows, rowsWithAverage } = await comparison(ports, { seed, count });
  expect(differences).toEqual([]);
  expect(rowsWithAverage).toBeGreaterThan(100);
  expect(rowsWithAverage).toBeLessThan(rows["revenue-by-minute"] - 100);
  ports.close();
});
