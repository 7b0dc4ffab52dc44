import { afterAll, beforeAll, expect, test } from "vitest";
import { type Emulators, startEmulators } from "../../localstack/index.ts";
import { deployFlights } from "./deployed-flights.ts";

let emulators: Emulators;

beforeAll(async () => void (emulators = await startEmulators()));
afterAll(() => emulators?.stop());

const rows = 20_000;

test("the flights go through the deployed bundles, and every row of every table equals the plain computation", async () => {
  const flights = await deployFlights(emulators);
  try {
    await flights.feed(0, rows);
    await flights.untilTaken(rows);
    await flights.drain();
    const { differences, rows: counts } = await flights.compareWith(rows);
    expect(differences).toEqual([]);
    expect(counts["airport-delays"]).toBeGreaterThan(1_000);
    for (const [name, { figures }] of flights.deployment.functions) {
      const { invocations, errors, coldStartsMs, durationsMs } = figures();
      const sorted = durationsMs.toSorted((left, right) => left - right);
      const half = Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
      console.log(
        `${name}: ${invocations} invocations, ${errors} errors, cold starts ${coldStartsMs.join(", ")} ms, median ${half} ms`,
      );
    }
  } finally {
    await flights.close();
  }
});
