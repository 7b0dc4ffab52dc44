import { defineJob, noWatermarks } from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";
import { z } from "zod/mini";

export const Probe = z.object({ key: z.string(), number: z.number() });

/** The environment that runs this code: Lambda's log streams are named one for each. */
const environment = (): string => process.env["AWS_LAMBDA_LOG_STREAM_NAME"] ?? "none";

/** The newest probe of each key, with the environments that its source slot and its exchange slot were served by. */
export default defineJob("latency-probes", (env) => {
  env
    .source(kinesisSource({ stream: "probes", schema: Probe }), {
      uid: "probes",
      watermarks: noWatermarks(),
    })
    .map((probe) => ({ ...probe, sourceEnvironment: environment() }))
    .keyBy((probe) => probe.key)
    .reduce((_, latest) => latest, { uid: "latest" })
    .map((latest) => ({ ...latest, exchangeEnvironment: environment() }))
    .sinkTo(dynamodbSink({ table: "latest-probes", key: { key: "string" } }), {
      uid: "latest-probes",
    });
});
