import { boundedOutOfOrderness, defineJob, sessionWindows, unchecked } from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";

export interface Click {
  readonly user: string;
  readonly page: string;
  readonly atMs: number;
}

interface Session {
  firstMs: number;
  lastMs: number;
  clicks: number;
}

/** Sessionisation: what a user does without a pause of half an hour is one visit. */
export default defineJob("sessions", (env) => {
  env
    .source(kinesisSource({ stream: "clicks", schema: unchecked<Click>() }), {
      uid: "clicks",
      watermarks: boundedOutOfOrderness({ timestamp: ({ atMs }) => atMs, bound: { minutes: 1 } }),
    })
    .keyBy("user")
    .window(sessionWindows({ gap: { minutes: 30 } }), { uid: "sessions" })
    .aggregate(
      {
        create: (): Session => ({ firstMs: Infinity, lastMs: -Infinity, clicks: 0 }),
        add: (session, { atMs }) => joined(session, { firstMs: atMs, lastMs: atMs, clicks: 1 }),
        merge: joined,
        result: ({ firstMs, lastMs, clicks }) => ({
          firstMs,
          durationMs: lastMs - firstMs,
          clicks,
        }),
      },
      (session, { key }) => ({ user: key, ...session }),
    )
    .sinkTo(dynamodbSink({ table: "sessions", key: { user: "string", firstMs: "number" } }), {
      uid: "rows",
    });
});

function joined(one: Session, other: Session): Session {
  return {
    firstMs: Math.min(one.firstMs, other.firstMs),
    lastMs: Math.max(one.lastMs, other.lastMs),
    clicks: one.clicks + other.clicks,
  };
}
