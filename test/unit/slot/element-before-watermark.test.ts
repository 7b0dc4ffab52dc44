import { expect, test } from "vitest";
import { elementType, valueState } from "../../../runtime/index.ts";
import { driver, rowsOf, slotWorld } from "../../integration/slot-world.ts";
import { kOf, reading, type Readings, readingsJob } from "./readings.ts";

/** Writes down in which order elements and timers came; each element moves a timer to half a second after it. */
const log = (readings: Readings) =>
  readings.process({
    uid: "log",
    emits: elementType<{ k: string; log: string }>(),
    state: { log: valueState<string>() },
    onElement({ k, atMs }, ctx) {
      const log = `${ctx.state.log.get() ?? ""} ${atMs}`;
      ctx.state.log.set(log);
      ctx.timers.event("half").set(atMs + 500);
      ctx.emit({ k, log });
    },
    onTimer: {
      half(ctx) {
        const log = `${ctx.state.log.get() ?? ""} timer`;
        ctx.state.log.set(log);
        ctx.emit({ k: ctx.key, log });
      },
    },
  });

test.each([1, 3])(
  "an element in a source's own slot comes before the watermark that it raises, %i records at a time",
  async (batch) => {
    const world = await slotWorld(readingsJob(log, { aligned: true }));
    const environment = world.environment();
    const feed = driver({ world, pick: () => environment, batchSize: () => batch });
    const readings = [1_000, 2_000, 3_000].map((atMs, n) => reading("a", n, atMs));
    await world.put("in", readings, kOf);
    while (await feed.pump());
    expect(await rowsOf(world.ports, "out")).toEqual([
      JSON.stringify({ k: "a", log: " 1000 2000 3000" }),
    ]);
  },
);
