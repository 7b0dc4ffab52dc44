import { describe, expect, test } from "vitest";
import { acquireLease } from "../../../runtime/coordinator/lease.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";
import { countingRandom, manualClock } from "../../integration/slot-world.ts";

function world() {
  const clock = manualClock();
  return { clock, ports: memoryPorts({ clock, random: countingRandom() }) };
}

describe("the coordinator's lease", () => {
  test("one of two that ask at once gets it", async () => {
    const { ports } = world();
    const asked = await Promise.all([
      acquireLease(ports, "j", 1_000),
      acquireLease(ports, "j", 1_000),
    ]);
    expect(asked.filter((lease) => lease !== undefined)).toHaveLength(1);
    expect(await acquireLease(ports, "other", 1_000)).toBeDefined();
  });

  test("it lasts as long as it is renewed, and then goes to another", async () => {
    const { ports, clock } = world();
    const first = await acquireLease(ports, "j", 1_000);
    clock.advance(900);
    expect(await first?.renew()).toBe(true);
    clock.advance(900);
    expect(await acquireLease(ports, "j", 1_000)).toBeUndefined();
    clock.advance(101);
    expect(await acquireLease(ports, "j", 1_000)).toBeDefined();
    expect(await first?.renew()).toBe(false);
  });

  test("of a clock two hours ahead it counts as expired, and not of one that is a little ahead", async () => {
    const { ports, clock } = world();
    const ahead = (byMs: number) => ({
      ...ports,
      clock: { ...clock, nowMs: () => clock.nowMs() + byMs },
    });
    expect(await acquireLease(ahead(7_200_000), "j", 1_000)).toBeDefined();
    const ours = await acquireLease(ports, "j", 1_000);
    expect(ours).toBeDefined();
    expect(await acquireLease(ahead(300), "j", 1_000)).toBeUndefined();
    expect(await ours?.renew()).toBe(true);
  });

  test("released it is free at once, and what an earlier holder releases late changes nothing", async () => {
    const { ports, clock } = world();
    const first = await acquireLease(ports, "j", 1_000);
    clock.advance(1_001);
    const second = await acquireLease(ports, "j", 1_000);
    await first?.release();
    expect(await acquireLease(ports, "j", 1_000)).toBeUndefined();
    await second?.release();
    expect(await acquireLease(ports, "j", 1_000)).toBeDefined();
  });
});
