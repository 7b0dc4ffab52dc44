import { boundedOutOfOrderness, defineJob, tumblingWindows, unchecked } from "millrace";
import { dynamodbSink, kinesisSource } from "millrace/connectors";
import type { Bid } from "./bids.ts";

const watermarks = boundedOutOfOrderness<Bid>({
  timestamp: (bid) => bid.dateTime,
  bound: { seconds: 4 },
});
const bids = (format: "json" | "json-lines") =>
  kinesisSource({
    stream: "bids",
    schema: unchecked<Bid>(),
    decoder: format === "json" ? "json" : "jsonLines",
  });

/** A stateless pass (Nexmark's query 2): every bid is parsed and looked at, one in 123 auctions is written. */
export const selection = (format: "json" | "json-lines") =>
  defineJob("selection", (env) => {
    env
      .source(bids(format), { uid: "bids", watermarks })
      .map((bid) => ({
        auction: bid.auction,
        price: Math.round(bid.price * 0.908),
        at: bid.dateTime,
      }))
      .filter((bid) => bid.auction % 123 === 0)
      .sinkTo(dynamodbSink({ table: "selected", key: ["auction"] }), { uid: "selected" });
  });

/** A keyed count over tumbling windows of ten seconds; aligned where the stream is partitioned by auction. */
export const tumblingCount = (format: "json" | "json-lines", aligned: boolean) =>
  defineJob("tumbling-count", (env) => {
    env
      .source(bids(format), {
        uid: "bids",
        watermarks,
        ...(aligned ? { partitionedBy: (bid: Bid) => bid.auction } : {}),
      })
      .keyBy((bid) => bid.auction)
      .window(tumblingWindows({ size: { seconds: 10 } }), { uid: "count" })
      .aggregate(
        {
          create: () => ({ count: 0 }),
          add: (total) => ({ count: total.count + 1 }),
          result: ({ count }) => count,
        },
        (count, { key, window }) => ({ auction: key, startMs: window.startMs, count }),
      )
      .sinkTo(dynamodbSink({ table: "counts", key: ["auction", "startMs"] }), { uid: "counts" });
  });
