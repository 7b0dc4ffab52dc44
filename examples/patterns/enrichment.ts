import {
  boundedOutOfOrderness,
  defineJob,
  elementType,
  listState,
  unchecked,
  valueState,
} from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";

export interface Purchase {
  readonly id: string;
  readonly user: string;
  readonly cents: number;
  readonly atMs: number;
}

export interface Profile {
  readonly user: string;
  readonly country: string;
  readonly atMs: number;
}

/** Enrichment from a profile stream: a purchase gets the profile that is known when it comes; one that comes before any waits for the first. */
export default defineJob("enrichment", (env) => {
  const watermarks = boundedOutOfOrderness<{ readonly atMs: number }>({
    timestamp: ({ atMs }) => atMs,
    bound: { minutes: 1 },
  });
  const purchases = env.source(
    kinesisSource({ stream: "purchases", schema: unchecked<Purchase>() }),
    { uid: "purchases", watermarks },
  );
  const profiles = env.source(kinesisSource({ stream: "profiles", schema: unchecked<Profile>() }), {
    uid: "profiles",
    watermarks,
  });
  purchases
    .keyBy("user")
    .connect(profiles.keyBy("user"))
    .process({
      uid: "enriched",
      state: { country: valueState<string>(), waiting: listState<Purchase>() },
      emits: elementType<Purchase & { readonly country: string }>(),
      onElement1(purchase, { state, emit }) {
        const country = state.country.get();
        if (country === undefined) state.waiting.add(purchase);
        else emit({ ...purchase, country });
      },
      onElement2({ country }, { state, emit }) {
        state.country.set(country);
        for (const purchase of state.waiting.get()) emit({ ...purchase, country });
        state.waiting.clear();
      },
    })
    .sinkTo(dynamodbSink({ table: "purchases", key: { user: "string", id: "string" } }), {
      uid: "rows",
    });
});
