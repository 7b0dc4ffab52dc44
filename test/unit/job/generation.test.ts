import { expect, test } from "vitest";
import {
  endGeneration,
  type Generation,
  publishGeneration,
  readGeneration,
} from "../../../runtime/job/generation.ts";
import { memoryPorts } from "../../../runtime/embedded/ports.ts";

const first: Generation = {
  generation: 1,
  plan: "p",
  ringSize: 16,
  publishedMs: 1_000,
  slots: ["in/shard-0"],
  ended: false,
};
const second: Generation = { ...first, generation: 2, publishedMs: 2_000 };

async function published(...generations: readonly Generation[]) {
  const ports = memoryPorts();
  let after: Generation | undefined;
  for (const generation of generations) {
    expect(await publishGeneration(ports, "j", { after, generation })).toBe(true);
    after = generation;
  }
  return ports;
}

// protocol 6.6: a coordinator that slept through a restore wakes up with the end of the generation that it led.
test("a coordinator of an older generation can't end it when a newer one lives", async () => {
  const ports = await published(first, second);
  expect(await endGeneration(ports, "j", first)).toBe(false);
  expect(await readGeneration(ports, "j")).toEqual(second);
});

test("of two coordinators that end a generation one does, and the row says how", async () => {
  const ports = await published(first);
  expect(await endGeneration(ports, "j", first, { outcome: "cancelled" })).toBe(true);
  expect(await endGeneration(ports, "j", first)).toBe(false);
  expect(await readGeneration(ports, "j")).toEqual({
    ...first,
    ended: true,
    outcome: "cancelled",
  });
});

test("a generation follows the one that it was made from, and no other", async () => {
  const ports = await published(first, second);
  const rival: Generation = { ...second, publishedMs: 3_000 };
  expect(await publishGeneration(ports, "j", { after: first, generation: rival })).toBe(false);
  expect(await publishGeneration(ports, "j", { after: undefined, generation: first })).toBe(false);
  expect(await readGeneration(ports, "j")).toEqual(second);
});
