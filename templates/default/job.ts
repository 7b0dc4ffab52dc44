import { boundedOutOfOrderness, defineJob, tumblingWindows } from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";
import { z } from "zod";

const order = z.object({
  id: z.string(),
  customer: z.string(),
  cents: z.number().int(),
  atMs: z.number(),
});

/** Turnover of each customer by minute. */
export default defineJob("{{name}}", (env) => {
  env
    .source(kinesisSource({ stream: "orders", schema: order }), {
      uid: "orders",
      watermarks: boundedOutOfOrderness({
        timestamp: ({ atMs }) => atMs,
        bound: { seconds: 10 },
        idleAfter: { minutes: 1 },
      }),
    })
    .keyBy("customer")
    .window(tumblingWindows({ size: { minutes: 1 } }), {
      uid: "minutes",
      allowedLateness: { minutes: 5 },
    })
    .aggregate(
      {
        create: () => ({ orders: 0, cents: 0 }),
        add: (sum, { cents }) => ({ orders: sum.orders + 1, cents: sum.cents + cents }),
        result: (sum) => sum,
      },
      (sum, { key, window }) => ({ customer: key, startMs: window.startMs, ...sum }),
    )
    .sinkTo(dynamodbSink({ table: "turnover", key: { customer: "string", startMs: "number" } }), {
      uid: "turnover-rows",
    });
});
