import {
  boundedOutOfOrderness,
  countTrigger,
  defineJob,
  slidingWindows,
  unchecked,
} from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";

export interface Payment {
  readonly card: string;
  readonly cents: number;
  readonly atMs: number;
}

/** Velocity check: a card that pays five times within a minute, told at the fifth payment and not at the end of the minute. */
export default defineJob("velocity-check", (env) => {
  env
    .source(kinesisSource({ stream: "payments", schema: unchecked<Payment>() }), {
      uid: "payments",
      watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: { seconds: 5 } }),
    })
    .keyBy("card")
    .window(slidingWindows({ size: { minutes: 1 }, slide: { seconds: 10 } }), {
      uid: "minutes",
      trigger: countTrigger(5),
    })
    .aggregate(
      {
        create: () => ({ payments: 0, cents: 0 }),
        add: (sum, { cents }) => ({ payments: sum.payments + 1, cents: sum.cents + cents }),
        result: (sum) => sum,
      },
      (sum, { key, window }) => ({ card: key, startMs: window.startMs, ...sum }),
    )
    .sinkTo(dynamodbSink({ table: "too-fast", key: { card: "string", startMs: "number" } }), {
      uid: "rows",
    });
});
