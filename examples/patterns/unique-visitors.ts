import { boundedOutOfOrderness, cumulativeWindows, defineJob, unchecked } from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";
import { uniqueCount } from "millrace/sketches";

export interface PageView {
  readonly site: string;
  readonly user: string;
  readonly atMs: number;
}

/** Unique visitors: how many different users a site had since midnight, a row for each hour of the day, out of 4 KB for each of them. */
export default defineJob("unique-visitors", (env) => {
  env
    .source(kinesisSource({ stream: "page-views", schema: unchecked<PageView>() }), {
      uid: "views",
      watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: { minutes: 1 } }),
    })
    .keyBy("site")
    .window(cumulativeWindows({ size: { days: 1 }, step: { hours: 1 } }), { uid: "hours" })
    .aggregate(uniqueCount({ of: ({ user }) => user }), (users, { key, window }) => ({
      site: key,
      untilMs: window.endMs,
      users,
    }))
    .sinkTo(dynamodbSink({ table: "visitors", key: { site: "string", untilMs: "number" } }), {
      uid: "rows",
    });
});
