import { join } from "node:path";
import { compare } from "../../../examples/flight-delays/compare.ts";
import { feedFlights } from "../../../examples/flight-delays/feed.ts";
import { plainResults } from "../../../examples/flight-delays/plain.ts";
import { packageFolder } from "../../../bundle/package-folder.ts";
import type { AppUnderTest } from "../app-under-test.ts";

const folder = join(packageFolder, "examples/flight-delays");

/** The flights: windows, late data, sessions, a ranking. Equal flights are different flights, so producers send each once. */
export function flightDelays(size: number): AppUnderTest {
  return {
    job: "flight-delays",
    app: join(folder, "app.ts"),
    jobFile: join(folder, "job.ts"),
    stream: "flights",
    size,
    producersRetry: false,
    feed: (options) => feedFlights({ ...options, count: size }),
    compare: async (scan) => {
      const plain = await plainResults(size);
      const { differences, rows } = await compare(
        { scan, deadLetters: plain.refused, expectsLate: false },
        plain,
      );
      const rowCount = Object.values(rows).reduce((sum, count) => sum + count, 0);
      return { differences, rows: rowCount, refused: plain.refused + 1 };
    },
  };
}
