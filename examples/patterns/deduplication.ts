import { boundedOutOfOrderness, defineJob, elementType, unchecked, valueState } from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";

export interface Notice {
  readonly id: string;
  readonly text: string;
  readonly atMs: number;
}

/** Deduplication: what comes again within a day is dropped. What is older is forgotten, so that state does not grow for ever. */
export default defineJob("deduplication", (env) => {
  env
    .source(kinesisSource({ stream: "notices", schema: unchecked<Notice>() }), {
      uid: "notices",
      watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: { minutes: 1 } }),
    })
    .keyBy("id")
    .process({
      uid: "deduplicate",
      state: { seen: valueState<true>({ ttl: { after: { days: 1 }, time: "event" } }) },
      emits: elementType<Notice>(),
      onElement(notice, { state: { seen }, emit }) {
        if (seen.get() !== undefined) return;
        seen.set(true);
        emit(notice);
      },
    })
    .sinkTo(dynamodbSink({ table: "notices", key: { id: "string", atMs: "number" } }), {
      uid: "rows",
    });
});
