import { boundedOutOfOrderness, defineJob, elementType, unchecked, valueState } from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";

export interface Reading {
  readonly sensor: string;
  readonly value: number;
  readonly atMs: number;
}

/** Of the readings so far: how many, their mean, and the sum of the squares of their distances from it. */
interface Moments {
  readonly n: number;
  readonly mean: number;
  readonly squares: number;
}

const least = 30;
const deviations = 4;

/** Anomalies by running variance (Welford's): a reading that is more than four standard deviations away from all before it of its sensor. */
export default defineJob("anomalies", (env) => {
  env
    .source(kinesisSource({ stream: "readings", schema: unchecked<Reading>() }), {
      uid: "readings",
      watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: { seconds: 10 } }),
      partitionedBy: "sensor",
    })
    .keyBy("sensor")
    .process({
      uid: "moments",
      state: { moments: valueState<Moments>() },
      emits: elementType<Reading & { readonly mean: number }>(),
      onElement(reading, { state, emit }) {
        const { n, mean, squares } = state.moments.get() ?? { n: 0, mean: 0, squares: 0 };
        const off = reading.value - mean;
        const isFar = n >= least && off ** 2 > deviations ** 2 * (squares / (n - 1));
        if (isFar) return emit({ ...reading, mean });
        const next = mean + off / (n + 1);
        state.moments.set({
          n: n + 1,
          mean: next,
          squares: squares + off * (reading.value - next),
        });
      },
    })
    .sinkTo(dynamodbSink({ table: "anomalies", key: { sensor: "string", atMs: "number" } }), {
      uid: "rows",
    });
});
