import { boundedOutOfOrderness, defineJob, outputTag, tumblingWindows, unchecked } from "millrace";
import { dynamodbSink, kinesisSink, kinesisSource } from "millrace/connectors";

export interface AdClick {
  readonly ad: string;
  readonly user: string;
  readonly atMs: number;
}

const tooLate = outputTag<AdClick>("too-late");

/** Ad clicks with corrections: an hour's row is there when the hour is over, is put right by clicks that come up to a day late, and later ones are kept aside. */
export default defineJob("ad-clicks", (env) => {
  const hours = env
    .source(kinesisSource({ stream: "ad-clicks", schema: unchecked<AdClick>() }), {
      uid: "clicks",
      watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: { minutes: 5 } }),
    })
    .keyBy("ad")
    .window(tumblingWindows({ size: { hours: 1 } }), {
      uid: "hours",
      allowedLateness: { days: 1 },
      lateOutput: tooLate,
    })
    .aggregate(
      { create: () => 0, add: (clicks) => clicks + 1, result: (clicks) => clicks },
      (clicks, { key, window }) => ({ ad: key, startMs: window.startMs, clicks }),
    );
  hours.sinkTo(dynamodbSink({ table: "ad-hours", key: { ad: "string", startMs: "number" } }), {
    uid: "rows",
  });
  hours
    .sideOutput(tooLate)
    .sinkTo(kinesisSink({ stream: "too-late", partitionKey: ({ ad }) => ad }), { uid: "too-late" });
});
