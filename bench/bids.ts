/** One bid of the generated stream: Nexmark's fields, padded to about 270 bytes of JSON. */
export interface Bid {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly url: string;
  readonly dateTime: number;
  readonly extra: string;
}

const channels = ["Google", "Facebook", "Baidu", "Apple"];
const extra = "x".repeat(90);
const firstMs = Date.UTC(2026, 0, 1);
/** Events per second of event time, and how far they may be out of order. */
const eventsPerSecond = 10_000;
const disorderMs = 2_000;
const auctions = 1_000;

/** JSON lines of bids: the same for the same seed. */
export function bidLines(count: number, seed = 1): readonly string[] {
  const random = lehmer(seed);
  return Array.from({ length: count }, (_, index) => {
    const bid: Bid = {
      auction: 1_000 + Math.floor(random() * auctions),
      bidder: 1_000 + Math.floor(random() * 10_000),
      price: Math.floor(random() * 1_000_000),
      channel: channels[index % channels.length] as string,
      url: `https://www.nexmark.com/auction/item.htm?query=1&channel_id=${Math.floor(random() * 1e9)}`,
      dateTime: firstMs + Math.floor((index * 1_000) / eventsPerSecond - random() * disorderMs),
      extra,
    };
    return JSON.stringify(bid);
  });
}

/** Lehmer's generator with Park and Miller's constants: numbers in [0, 1), the same for the same seed. */
export function lehmer(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
