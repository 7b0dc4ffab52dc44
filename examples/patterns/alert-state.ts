import {
  boundedOutOfOrderness,
  defineJob,
  elementType,
  tumblingWindows,
  unchecked,
  valueState,
} from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";

export interface Call {
  readonly service: string;
  readonly failed: boolean;
  readonly atMs: number;
}

/** Minutes in a row, above and below the limit, before an alert comes and goes. */
const minutes = 3;
const limit = 0.1;

/** Rollup with alert state: the share of failures by the minute; an alert is a row that comes after three bad minutes and goes after three good ones. */
export default defineJob("alert-state", (env) => {
  env
    .source(kinesisSource({ stream: "calls", schema: unchecked<Call>() }), {
      uid: "calls",
      watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: { seconds: 10 } }),
    })
    .keyBy("service")
    .window(tumblingWindows({ size: { minutes: 1 } }), { uid: "minutes" })
    .aggregate(
      {
        create: () => ({ calls: 0, failed: 0 }),
        add: (sum, { failed }) => ({ calls: sum.calls + 1, failed: sum.failed + (failed ? 1 : 0) }),
        result: ({ calls, failed }) => failed / calls,
      },
      (share, { key, window }) => ({ service: key, startMs: window.startMs, share }),
    )
    .keyBy("service")
    .process({
      uid: "alerts",
      gives: "upsert",
      // Above 0: bad minutes in a row; below: good ones.
      state: { row: valueState<number>(), sinceMs: valueState<number>() },
      emits: elementType<{ readonly service: string; readonly sinceMs: number }>(),
      onElement({ service, startMs, share }, { state, emit, delete: remove }) {
        const row = state.row.get() ?? 0;
        const next = share > limit ? Math.max(row, 0) + 1 : Math.min(row, 0) - 1;
        state.row.set(next);
        const sinceMs = state.sinceMs.get();
        if (next === minutes && sinceMs === undefined) {
          state.sinceMs.set(startMs);
          emit({ service, sinceMs: startMs });
        } else if (next === -minutes && sinceMs !== undefined) {
          state.sinceMs.clear();
          remove({ service, sinceMs });
        }
      },
    })
    .sinkTo(dynamodbSink({ table: "alerts", key: { service: "string" } }), { uid: "rows" });
});
