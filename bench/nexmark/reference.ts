import { type Bid, eventMs, millis, type NexmarkEvent, timeText } from "./events.ts";
import type { QueryName } from "./queries.ts";

/** The rows of each query by plain loops over all events, in no order: slow, and with nothing of the engine in them. */
export function referenceRows(name: QueryName, lines: readonly string[]): readonly unknown[] {
  const events = lines.map((line) => JSON.parse(line) as NexmarkEvent);
  const bids = events.flatMap(({ bid }) => bid ?? []);
  switch (name) {
    case "q0":
      return events;
    case "q1":
      return bids.map((bid) => {
        const price = ((bid.price * 908) / 1_000).toFixed(3);
        return `${bid.auction},${bid.bidder},${price},${bid.dateTime},${bid.extra}`;
      });
    case "q2":
      return bids
        .filter((bid) => bid.auction % 123 === 0)
        .map((bid) => `${bid.auction},${bid.price}`);
    case "q5":
      return hottest(bids);
    case "q7":
      return highest(bids);
    case "q8":
      return newSellers(events);
    case "q11":
      return sessions(bids);
    case "q18":
      return last(bids);
    case "q19":
      return top(bids);
  }
}

function bidText(bid: Bid): string {
  return Object.values(bid).join(",");
}

function hottest(bids: readonly Bid[]): readonly string[] {
  const ends = new Set<number>();
  for (const { dateTime } of bids)
    for (let endMs = 0; endMs < 10_000; endMs += 2_000)
      ends.add(Math.floor(millis(dateTime) / 2_000) * 2_000 + 2_000 + endMs);
  return [...ends].flatMap((endMs) => {
    const isIn = ({ dateTime }: Bid): boolean =>
      millis(dateTime) >= endMs - 10_000 && millis(dateTime) < endMs;
    const counts = new Map<number, number>();
    for (const { auction } of bids.filter(isIn))
      counts.set(auction, (counts.get(auction) ?? 0) + 1);
    const most = Math.max(...counts.values());
    const window = `${timeText(endMs - 10_000)},${timeText(endMs)}`;
    return [...counts].flatMap(([auction, count]) =>
      count === most ? [`${auction},${count},${window}`] : [],
    );
  });
}

function highest(bids: readonly Bid[]): readonly string[] {
  const windows = Map.groupBy(bids, ({ dateTime }) => Math.floor(millis(dateTime) / 10_000));
  return [...windows.values()].flatMap((own) => {
    const price = own.reduce((most, bid) => Math.max(most, bid.price), 0);
    return own
      .filter((bid) => bid.price === price)
      .map((bid) => `${bid.auction},${price},${bid.bidder},${bid.dateTime},${bid.extra}`);
  });
}

function newSellers(events: readonly NexmarkEvent[]): readonly string[] {
  const windowOf = (event: NexmarkEvent): number => Math.floor(eventMs(event) / 10_000) * 10_000;
  const sold = new Set(
    events.flatMap((event) => (event.auction ? `${event.auction.seller}/${windowOf(event)}` : [])),
  );
  const rows = events.flatMap((event) => {
    const { person } = event;
    if (person === null || !sold.has(`${person.id}/${windowOf(event)}`)) return [];
    return `${person.id},${person.name},${timeText(windowOf(event))}`;
  });
  return [...new Set(rows)];
}

/** Of bids in the order of their times. */
function sessions(bids: readonly Bid[]): readonly string[] {
  return [...Map.groupBy(bids, ({ bidder }) => bidder)].flatMap(([bidder, own]) => {
    const found: { startMs: number; endMs: number; count: number }[] = [];
    for (const ms of own
      .map(({ dateTime }) => millis(dateTime))
      .toSorted((one, two) => one - two)) {
      const open = found.at(-1);
      // Windows that touch become one.
      if (open === undefined || ms > open.endMs)
        found.push({ startMs: ms, endMs: ms + 10_000, count: 1 });
      else {
        open.endMs = ms + 10_000;
        open.count += 1;
      }
    }
    return found.map(
      ({ startMs, endMs, count }) => `${bidder},${count},${timeText(startMs)},${timeText(endMs)}`,
    );
  });
}

function last(bids: readonly Bid[]): readonly string[] {
  const newest = new Map<string, Bid>();
  return bids.flatMap((bid) => {
    const key = `${bid.bidder}/${bid.auction}`;
    const before = newest.get(key);
    if (before !== undefined && millis(bid.dateTime) < millis(before.dateTime)) return [];
    newest.set(key, bid);
    return bidText(bid);
  });
}

/** A bid has the rank that it has among all of its auction so far; with it those that it moves down give a row. */
function top(bids: readonly Bid[]): readonly string[] {
  const seen = new Map<number, Bid[]>();
  return bids.flatMap((bid) => {
    const own = seen.get(bid.auction) ?? [];
    seen.set(bid.auction, own);
    own.push(bid);
    // Sorting is stable: of equal prices the earlier one is first.
    own.sort((one, other) => other.price - one.price);
    const rank = own.indexOf(bid);
    return own.slice(rank, 10).map((one, at) => `${bidText(one)},${rank + at + 1}`);
  });
}
