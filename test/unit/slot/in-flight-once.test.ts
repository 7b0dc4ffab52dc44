import { expect, test } from "vitest";
import { checkpointing, elementType, valueState } from "../../../runtime/index.ts";
import type { Ports } from "../../../runtime/ports/index.ts";
import { catchUp } from "../../../runtime/slot/catch-up.ts";
import { processBatch } from "../../../runtime/slot/process-batch.ts";
import { slotOfShard } from "../../../runtime/job/slot-ref.ts";
import { slotWorld } from "../../integration/slot-world.ts";
import { firstShard, kOf, reading, type Readings, readingsJob } from "./readings.ts";

const checkpoints = checkpointing({ interval: { seconds: 1 } });
const bad = 3;
const count = 6;

/** User code fails on one element, which is tried twice. */
const counting = (readings: Readings) =>
  readings.process({
    uid: "count",
    emits: elementType<{ k: string; n: number }>(),
    state: { n: valueState<number>() },
    onElement({ k, n }, ctx) {
      if (n === bad) throw new Error("A trap.");
      const next = (ctx.state.n.get() ?? 0) + 1;
      ctx.state.n.set(next);
      ctx.emit({ k, n: next });
    },
  });

test("elements in flight are recorded once, though the step of their block fails and goes on inside of it", async () => {
  const world = await slotWorld(readingsJob(counting, { attempts: 1, checkpoints }));
  const { control } = world.ports;
  const environment = world.environment();
  // Somebody who has not heard of the epoch sends what is in flight.
  const slow: Ports = {
    ...world.ports,
    control: {
      ...control,
      get: async (key) => (key.sort === "epochs-1" ? undefined : await control.get(key)),
    },
  };
  const round = world.coordinator(() => world.environment(slow));
  const put = (n: number) => world.put("in", [reading("a", n, n)], kOf);
  const take = async (stream: string, ports?: Ports) => {
    const records = await world.records(stream, firstShard);
    const server = ports === undefined ? environment : world.environment(ports);
    for (let attempt = 0; attempt < 4; attempt++) {
      const { failedSequence } = await processBatch(server, {
        stream,
        shardId: firstShard,
        records,
      });
      if (failedSequence === undefined) return;
    }
  };
  await put(0);
  await take("in");
  // The epoch is opened and ticked; the exchange's slot cuts.
  world.clock.advance(2_000);
  await round();
  await take(world.exchange);
  for (let n = 1; n <= count; n++) await put(n);
  await take("in", slow);
  await take(world.exchange);
  const slot = slotOfShard(world.runtime, world.exchange, firstShard);
  const image = (await catchUp(world.environment(), world.generation, slot))!;
  expect(image.meta.cut).toMatchObject({ closed: false });
  expect(image.recorded.map((block) => block.count)).toEqual([bad - 1, count - bad + 1]);
});
