import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { compare } from "../../../examples/orders-dashboard/compare.ts";
import { feedOrders } from "../../../examples/orders-dashboard/feed.ts";
import { plainResults, plainResultsOf } from "../../../examples/orders-dashboard/plain.ts";
import { packageFolder } from "../../../bundle/package-folder.ts";
import type { AppUnderTest, FeedOptions } from "../app-under-test.ts";

const folder = join(packageFolder, "examples/orders-dashboard");
const seed = 7;
const recordsPerPut = 500;
const attemptsMax = 20;
const pauseMs = 500;

/** The shops' orders: edits, duplicates, a dashboard. Producers put a batch again whenever they got no answer. */
export function ordersDashboard(size: number): AppUnderTest {
  return {
    job: "orders-dashboard",
    app: join(folder, "app.ts"),
    jobFile: join(folder, "job-with-average.ts"),
    stream: "orders",
    size,
    changed: { ORDERS_ENTRY: "job-with-average.ts" },
    producersRetry: true,
    feed: (options) => feed(options, size),
    compare: async (scan, sent) => {
      const plain = plainResults({ seed, count: size });
      const comparison = await compare({ scan, deadLetters: plain.refused }, plain);
      const differences = [...comparison.differences];
      if (comparison.rowsWithAverage === 0)
        differences.push("no row was written by the version that was deployed in mid-run");
      const rows = Object.values(comparison.rows).reduce((sum, count) => sum + count, 0);
      return { differences, rows, refused: plainResultsOf(sent).refused };
    },
  };
}

async function feed({ writer, stream, rate, onPut }: FeedOptions, size: number): Promise<void> {
  const startedMs = performance.now();
  for (let from = 0; from < size; from += recordsPerPut) {
    const to = Math.min(from + recordsPerPut, size);
    await untilPut(() => feedOrders({ writer, stream, seed, from, to }));
    onPut(to);
    await wait(Math.max(0, startedMs + (to / rate) * 1_000 - performance.now()));
  }
}

/** What got no answer may have been written: it is put again all the same. */
async function untilPut(put: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await put();
    } catch (thrown) {
      if (attempt === attemptsMax) throw thrown;
      await wait(pauseMs);
    }
  }
}
