import {
  boundedOutOfOrderness,
  checkpointing,
  defineJob,
  type DataStream,
  elementType,
  type JobDefinition,
  sessionWindows,
  slidingWindows,
  tumblingWindows,
  unchecked,
  valueState,
} from "millrace";
import { fileSink, kinesisSource } from "millrace/connectors";
import { type Bid, eventMs, type NexmarkEvent, timeText } from "./events.ts";

/** What a query reads, and the folder that it writes its rows to. */
export const eventStream = "events";
export const rowFolder = "rows";

/** Rows of a query as they are written: texts with commas, but for query 0. */
type Query = (events: DataStream<NexmarkEvent>) => Pick<DataStream<never>, "sinkTo">;

const size = { seconds: 10 } as const;

function bidsOf(events: DataStream<NexmarkEvent>): DataStream<Bid> {
  return events.filter((event) => event.event_type === 2).map((event) => event.bid as Bid);
}

/** Nexmark's queries, as a user would write them. */
export const queries = {
  /** All events, as they are. */
  q0: (events) => events,
  /** Prices in euros. */
  q1: (events) =>
    bidsOf(events).map(({ auction, bidder, price, dateTime, extra }) =>
      [auction, bidder, ((price * 908) / 1_000).toFixed(3), dateTime, extra].join(","),
    ),
  /** Bids for some auctions. */
  q2: (events) =>
    bidsOf(events)
      .filter(({ auction }) => auction % 123 === 0)
      .map(({ auction, price }) => `${auction},${price}`),
  /** The auctions with the most bids of ten seconds, every two seconds. */
  q5: (events) =>
    bidsOf(events)
      .map(({ auction }) => auction)
      .keyBy((auction) => auction)
      .window(slidingWindows({ size, slide: { seconds: 2 } }), { uid: "counts" })
      .aggregate(count(), (bids, { key, window }) => ({ auction: key, bids, endMs: window.endMs }))
      .windowAll(tumblingWindows({ size: { seconds: 2 } }), { uid: "hottest" })
      .process((counts) => {
        const most = Math.max(...counts.map(({ bids }) => bids));
        return counts
          .filter(({ bids }) => bids === most)
          .map(({ auction, bids, endMs }) =>
            [auction, bids, timeText(endMs - 10_000), timeText(endMs)].join(","),
          );
      }),
  /** The highest bids of ten seconds. */
  q7: (events) =>
    bidsOf(events)
      .windowAll(tumblingWindows({ size }), { uid: "highest" })
      .aggregate({
        create: (): readonly Bid[] => [],
        add: (top, bid) => {
          const price = top[0]?.price ?? Number.NEGATIVE_INFINITY;
          if (bid.price < price) return top;
          return bid.price > price ? [bid] : [...top, bid];
        },
        result: (top) => top,
      })
      .flatMap((top) => top)
      .map(({ auction, price, bidder, dateTime, extra }) =>
        [auction, price, bidder, dateTime, extra].join(","),
      ),
  /** People who have come and sold something within the same ten seconds. */
  q8: (events) =>
    events
      .flatMap(({ person, auction }): { id: number; name: string | undefined }[] => {
        if (person !== null) return [{ id: person.id, name: person.name }];
        return auction === null ? [] : [{ id: auction.seller, name: undefined }];
      })
      .keyBy(({ id }) => id)
      .window(tumblingWindows({ size }), { uid: "new-sellers" })
      .process((seen, { key, window }) => {
        const names = seen.flatMap(({ name }) => name ?? []);
        if (names.length === seen.length) return [];
        const startMs = window.startMs;
        return [...new Set(names.map((name) => [key, name, timeText(startMs)].join(",")))];
      }),
  /** How many bids a bidder makes in a session. */
  q11: (events) =>
    bidsOf(events)
      .map(({ bidder }) => bidder)
      .keyBy((bidder) => bidder)
      .window(sessionWindows({ gap: size }), { uid: "sessions" })
      .aggregate(count(), (bids, { key, window }) =>
        [key, bids, timeText(window.startMs), timeText(window.endMs)].join(","),
      ),
  /** The last bid of each bidder for each auction, as it changes. */
  q18: (events) =>
    bidsOf(events)
      .keyBy(({ bidder, auction }) => [bidder, auction] as const)
      .process({
        uid: "last",
        state: { last: valueState<Bid>() },
        emits: elementType<string>(),
        onElement(bid, ctx) {
          const last = ctx.state.last.get();
          if (last !== undefined && bid.dateTime < last.dateTime) return;
          ctx.state.last.set(bid);
          ctx.emit(bidText(bid));
        },
      }),
  /** The ten highest bids of each auction, as they change. */
  q19: (events) =>
    bidsOf(events)
      .keyBy(({ auction }) => auction)
      .process({
        uid: "top",
        state: { top: valueState<readonly Bid[]>() },
        emits: elementType<string>(),
        onElement(bid, ctx) {
          const top = ctx.state.top.get() ?? [];
          const place = top.findLastIndex(({ price }) => price >= bid.price) + 1;
          if (place >= 10) return;
          const now = top.toSpliced(place, 0, bid).slice(0, 10);
          ctx.state.top.set(now);
          for (const [at, one] of now.entries())
            if (at >= place) ctx.emit(`${bidText(one)},${at + 1}`);
        },
      }),
} satisfies Readonly<Record<string, Query>>;

export type QueryName = keyof typeof queries;

export function nexmarkJob(name: QueryName): JobDefinition {
  const rowsOf: Query = queries[name];
  return defineJob(
    `nexmark-${name}`,
    (env) => {
      const events = env.source(
        kinesisSource({
          stream: eventStream,
          schema: unchecked<NexmarkEvent>(),
          decoder: "jsonLines",
        }),
        {
          uid: "events",
          watermarks: boundedOutOfOrderness({ timestamp: eventMs, bound: { seconds: 4 } }),
        },
      );
      rowsOf(events).sinkTo(fileSink({ folder: rowFolder }), { uid: "rows" });
    },
    { checkpoints: checkpointing({ interval: { seconds: 10 } }) },
  );
}

function count() {
  return {
    create: () => 0,
    add: (bids: number) => bids + 1,
    result: (bids: number) => bids,
    merge: (one: number, other: number) => one + other,
  };
}

function bidText(bid: Bid): string {
  const { auction, bidder, price, channel, url, dateTime, extra } = bid;
  return [auction, bidder, price, channel, url, dateTime, extra].join(",");
}
