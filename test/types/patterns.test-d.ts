import {
  boundedOutOfOrderness,
  defineJob,
  elementType,
  outputTag,
  unchecked,
} from "../../runtime/index.ts";
import { kinesisSource } from "../../runtime/connectors/index.ts";
import {
  type MatchOf,
  type PartialMatchOf,
  patternsOf,
  type Some,
  skipToFirst,
  skipToLast,
} from "../../runtime/patterns/index.ts";
import { exactly } from "./exactly.ts";

interface Order {
  readonly kind: "order";
  readonly id: string;
  readonly cents: number;
  readonly atMs: number;
}
interface Payment {
  readonly kind: "payment";
  readonly id: string;
  readonly paid: number;
  readonly atMs: number;
}
type Sale = Order | Payment;

const { begin } = patternsOf<Sale>();
const paid = begin("order")
  .where((sale) => sale.kind === "order")
  .followedBy("reminders")
  .times(0, 3)
  .followedBy("payment")
  .where((sale, { matched }) => {
    exactly<readonly Order[]>()(matched.order);
    exactly<readonly Sale[]>()(matched.reminders);
    return matched.order.length > 0;
  })
  .within({ hours: 1 });
const timedOut = outputTag<PartialMatchOf<typeof paid>>("timed-out");

export const patterns = defineJob("patterns", (env) => {
  const sales = env
    .source(kinesisSource({ stream: "sales", schema: unchecked<Sale>() }), {
      uid: "sales",
      watermarks: boundedOutOfOrderness<Sale>({
        timestamp: ({ atMs }) => atMs,
        bound: { minutes: 1 },
      }),
    })
    .keyBy("id");

  const results = sales
    .pattern(paid, { uid: "paid", timedOutOutput: timedOut, afterMatch: skipToLast("payment") })
    .select((match, { key, timestampMs }) => {
      // A condition that tells a type gives it to its stage; what may be left out may be empty.
      exactly<Order>()(match.order[0]);
      exactly<readonly Sale[]>()(match.reminders);
      exactly<Some<Sale>>()(match.payment);
      exactly<string>()(key);
      return { key, timestampMs };
    });
  results.map((row) => exactly<{ key: string; timestampMs: number }>()(row));
  results.sideOutput(timedOut).map((partial) => exactly<readonly Order[]>()(partial.order));
  sales.pattern(paid, { uid: "process" }).process({
    emits: elementType<number>(),
    onMatch: ({ order: [order] }, { emit }) => emit(order.cents),
    onTimedOut: ({ order }, { output }) => output(outputTag<number>("open"), order.length),
  });

  // @ts-expect-error a match has no stage of that name
  sales.pattern(paid, { uid: "stage" }).select((match) => match.orders);
  // @ts-expect-error nor can be skipped to it
  sales.pattern(paid, { uid: "skip", afterMatch: skipToFirst("orders") }).select(() => 1);
  // @ts-expect-error what may be left out need not be there
  sales.pattern(paid, { uid: "empty" }).select(({ reminders }) => reminders[0].atMs);
  sales
    .pattern(paid, { uid: "waits" })
    // @ts-expect-error nothing waits for a promise
    .select(async ({ order }) => Promise.resolve(order));
  // @ts-expect-error what timed out goes to side outputs only
  sales.pattern(paid, { uid: "x" }).process({ onMatch() {}, onTimedOut: (_, c) => c.emit(1) });
  sales
    // @ts-expect-error a pattern of other elements
    .pattern(patternsOf<{ readonly other: number }>().begin("one"), { uid: "other" })
    .select(() => 1);
  // @ts-expect-error state needs a name
  sales.pattern(paid, {}).select(() => 1);
});

// @ts-expect-error the name is taken
begin("one").next("one");
// @ts-expect-error a condition answers at once
begin("one").where(async () => Promise.resolve(true));
begin("one")
  .notNext("two")
  .next("three")
  // @ts-expect-error what must not come is in no match, nor in what a condition sees
  .where((_, { matched }) => matched.two.length > 0);

const group = begin("outer").followedBy(begin("a").next("b").oneOrMore()).optional();
exactly<readonly Sale[]>()(({} as MatchOf<typeof group>).a);
exactly<readonly Sale[]>()(({} as MatchOf<typeof group>).b);
exactly<Some<Sale>>()(({} as MatchOf<typeof group>).outer);
const either = begin("one")
  .where((sale) => sale.kind === "order")
  .or(({ atMs }) => atMs > 0);
exactly<Some<Sale>>()(({} as MatchOf<typeof either>).one);
