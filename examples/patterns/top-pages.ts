import { boundedOutOfOrderness, defineJob, tumblingWindows, unchecked } from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";

export interface Visit {
  readonly page: string;
  readonly atMs: number;
}

const size = { minutes: 10 };

/** Top-K per window: the three most visited pages of each ten minutes. Pages are counted side by side, and ranked in one place per window. */
export default defineJob("top-pages", (env) => {
  env
    .source(kinesisSource({ stream: "visits", schema: unchecked<Visit>() }), {
      uid: "visits",
      watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: { minutes: 1 } }),
    })
    .keyBy("page")
    .window(tumblingWindows({ size }), { uid: "counts" })
    .aggregate(
      { create: () => 0, add: (count) => count + 1, result: (count) => count },
      (visits, { key, window }) => ({ page: key, startMs: window.startMs, visits }),
    )
    .keyBy("startMs")
    // The counts have the time of their window, and so the same one here.
    .window(tumblingWindows({ size }), { uid: "ranks" })
    .process((counts, { key }) => {
      const ranked = counts.toSorted((a, b) => b.visits - a.visits || (a.page < b.page ? -1 : 1));
      return [
        { startMs: key, top: ranked.slice(0, 3).map(({ page, visits }) => ({ page, visits })) },
      ];
    })
    .sinkTo(dynamodbSink({ table: "top-pages", key: { startMs: "number" } }), { uid: "rows" });
});
