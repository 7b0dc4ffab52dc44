import { boundedOutOfOrderness, defineJob, tumblingWindows } from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";
import { z } from "zod";

const Order = z.object({ customer: z.string(), cents: z.number(), at: z.string() });

/** What each customer spends in each hour. */
export default defineJob("turnover", (env) => {
  env
    .source(kinesisSource({ stream: "orders", schema: Order }), {
      uid: "orders",
      watermarks: boundedOutOfOrderness({ timestamp: ({ at }) => at, bound: { minutes: 5 } }),
    })
    .keyBy("customer")
    .window(tumblingWindows({ size: { hours: 1 } }), {
      uid: "hours",
      allowedLateness: { hours: 6 },
    })
    .aggregate(
      {
        create: () => ({ orders: 0, cents: 0 }),
        add: (sum, { cents }) => ({ orders: sum.orders + 1, cents: sum.cents + cents }),
        result: (sum) => sum,
      },
      (sum, { key, window }) => ({
        customer: key,
        hour: new Date(window.startMs).toISOString().slice(0, 13),
        ...sum,
      }),
    )
    .sinkTo(dynamodbSink({ table: "turnover", key: { customer: "string", hour: "string" } }), {
      uid: "rows",
    });
});
