import { defineJob, elementType, mapState, noWatermarks, unchecked, valueState } from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";

export interface Order {
  readonly customer: string;
  readonly product: string;
  readonly cents: number;
}

export interface Total {
  readonly orders: number;
  readonly cents: number;
}

/** What is kept of each customer: the job writes it, and the service asks for it by these declarations. */
export const customerState = {
  total: valueState<Total>(),
  products: mapState<string, number>(),
};

/** Totals of customers, as their orders come in. */
export default defineJob("customers", (env) => {
  env
    .source(kinesisSource({ stream: "orders", schema: unchecked<Order>() }), {
      uid: "orders",
      watermarks: noWatermarks(),
    })
    .keyBy("customer")
    .process({
      uid: "totals",
      state: customerState,
      emits: elementType<Total & { readonly customer: string }>(),
      onElement({ customer, product, cents }, { state, emit }) {
        const before = state.total.get() ?? { orders: 0, cents: 0 };
        const total = { orders: before.orders + 1, cents: before.cents + cents };
        state.total.set(total);
        state.products.set(product, (state.products.get(product) ?? 0) + 1);
        emit({ customer, ...total });
      },
    })
    .sinkTo(dynamodbSink({ table: "customers", key: ["customer"] }), { uid: "rows" });
});
