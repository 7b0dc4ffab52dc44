import {
  type DataStream,
  defineJob,
  elementType,
  mapState,
  monotonousTimestamps,
  unchecked,
  valueState,
} from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";

export interface Sale {
  readonly product: string;
  readonly meters: number;
  readonly cents: number;
}

export interface Offer {
  readonly id: string;
  readonly meters: number;
}

/** cents ≈ base + perMeter × meters. */
type Model = readonly [base: number, perMeter: number];

/** Each sale teaches the model of its product, by a step of gradient descent. */
const learned = (sales: DataStream<Sale>): DataStream<Model> =>
  sales.keyBy("product").process({
    uid: "learns",
    state: { model: valueState<Model>() },
    emits: elementType<Model>(),
    onElement({ meters, cents }, { state, emit }) {
      const [base, perMeter] = state.model.get() ?? [0, 0];
      const step = 0.02 * (cents - (base + perMeter * meters));
      state.model.set([base + step, perMeter + step * meters]);
      emit([base + step, perMeter + step * meters]);
    },
  });

/** An online model: its parameters are state that one stream teaches, and are broadcast to whoever prices the elements of another. */
export const priced = (sales: DataStream<Sale>, offers: DataStream<Offer>) =>
  offers
    .keyBy("id")
    .connect(learned(sales).broadcast({ model: mapState<string, Model>() }))
    .process({
      uid: "prices",
      emits: elementType<{ readonly id: string; readonly cents: number }>(),
      onElement({ id, meters }, { broadcast, emit }) {
        const [base, perMeter] = broadcast.model.get("now") ?? [0, 0];
        emit({ id, cents: Math.round(base + perMeter * meters) });
      },
      onBroadcastElement: (model, { broadcast }) => broadcast.model.set("now", model),
    });

export default defineJob("online-model", (env) => {
  const watermarks = monotonousTimestamps();
  const sales = kinesisSource({ stream: "sales", schema: unchecked<Sale>() });
  const offers = kinesisSource({ stream: "offers", schema: unchecked<Offer>() });
  priced(
    env.source(sales, { uid: "sales", watermarks }),
    env.source(offers, { uid: "offers", watermarks }),
  ).sinkTo(dynamodbSink({ table: "prices", key: { id: "string" } }), { uid: "rows" });
});
