import { expect, test } from "vitest";
import job from "../../../examples/live-dashboard/job.ts";
import { strengthOf } from "../../../examples/live-dashboard/quake.ts";
import { readQuakes } from "../../../examples/live-dashboard/quakes-file.ts";
import { runJob } from "../../../testing/index.ts";

const hourMs = 3_600_000;
const quakes = readQuakes().filter(({ kind }) => kind === "earthquake");

/** Numbers by key, in the order of the keys. */
function counted(keys: readonly string[]): readonly string[] {
  return [...Map.groupBy(keys, (key) => key)]
    .map(([key, { length }]) => `${key} ${length}`)
    .toSorted();
}

test("the five views hold what a plain computation over the same week gives", async () => {
  const { tables, deadLetters } = await runJob(job, {
    inputs: { quakes: readQuakes() },
    // In the order of the file, whose times a single shard keeps.
    shards: 1,
  });
  expect(deadLetters).toEqual([]);
  const rows = (view: string) =>
    tables[view] as readonly Readonly<Record<string, string | number>>[];
  expect(
    rows("latest")
      .map(({ id }) => String(id))
      .toSorted(),
  ).toEqual(quakes.map(({ id }) => id).toSorted());
  expect(rows("strongest").length).toBe(quakes.filter(({ magnitude }) => magnitude >= 3).length);
  expect(
    rows("regions")
      .map(({ region, n }) => `${region} ${n}`)
      .toSorted(),
  ).toEqual(counted(quakes.map(({ region }) => region)));
  const startOf = (timeMs: number) => timeMs - (timeMs % hourMs);
  expect(
    rows("hourly")
      .map(({ strength, startMs, n }) => `${strength} ${startMs} ${n}`)
      .toSorted(),
  ).toEqual(counted(quakes.map((quake) => `${strengthOf(quake)} ${startOf(quake.timeMs)}`)));
  const ends = quakes.flatMap(({ timeMs }) =>
    Array.from({ length: 24 }, (_, hours) => `${startOf(timeMs) + (hours + 1) * hourMs}`),
  );
  expect(
    rows("last-day")
      .map(({ endMs, n }) => `${endMs} ${n}`)
      .toSorted(),
  ).toEqual(counted(ends));
});
