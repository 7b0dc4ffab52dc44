import { boundedOutOfOrderness, defineJob } from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";
import { eventTimeMs, Flight } from "./flight.ts";

/** The newest flight of each origin: every record changes a row, so that its way to the table can be timed. */
export default defineJob("latest-flights", (env) => {
  env
    .source(kinesisSource({ stream: "flights", schema: Flight }), {
      uid: "flights",
      watermarks: boundedOutOfOrderness({ timestamp: eventTimeMs, bound: { minutes: 60 } }),
    })
    .keyBy((flight) => flight.origin)
    .reduce((_, flight) => flight, { uid: "latest" })
    .sinkTo(dynamodbSink({ table: "latest-flights", key: { origin: "string" } }), {
      uid: "latest-flights",
    });
});
