import { timeText } from "./events.ts";
import { lehmer } from "../bids.ts";

/** Of fifty events one is a person, three are auctions and the others bids, by their numbers. */
const [persons, auctions, period] = [1, 3, 50] as const;
const firstId = 1_000;
/** How many of the newest are active, and how far ids run ahead of what has come. */
const [activePeople, auctionsInFlight, lead] = [1_000, 100, 10] as const;
/** One of so many ids is hot, and takes the greater part of what comes. */
const hotBlock = 100;
const firstMs = Date.UTC(2024, 0, 1);
const states = ["AZ", "CA", "ID", "OR", "WA", "WY"];
const cities = ["Phoenix", "Los Angeles", "San Francisco", "Boise", "Portland", "Seattle", "Kent"];
const firstNames = ["Peter", "Paul", "Luke", "John", "Saul", "Vicky", "Kate", "Julie", "Deiter"];
const lastNames = ["Shultz", "Abrams", "Spencer", "White", "Bartels", "Walton", "Smith", "Jones"];
const hotChannels = ["Google", "Facebook", "Baidu", "Apple"];

export interface GeneratorOptions {
  readonly count: number;
  /** Default: 42. */
  readonly seed?: number;
  /** Events per second of event time. Default: 10,000. */
  readonly rate?: number;
}

/**
 * Nexmark's events as JSON lines, in the order of time, with the proportions, hot ids and sizes of the benchmark's own generator: the
 * same for the same seed.
 */
export function* nexmarkLines(options: GeneratorOptions): Generator<string> {
  const { count, seed = 42, rate = 10_000 } = options;
  const make = partsOf(chance(lehmer(seed)));
  for (let number = 0; number < count; number++) {
    const place = number % period;
    const at = { ...lastIds(number), ms: firstMs + Math.floor((number * 1_000) / rate) };
    const [kind, part] = place < persons ? ([0, "person"] as const) : kindAt(place);
    const event = { event_type: kind, person: null, auction: null, bid: null };
    yield JSON.stringify({ ...event, [part]: make[part](at) });
  }
}

function kindAt(place: number) {
  return place < persons + auctions ? ([1, "auction"] as const) : ([2, "bid"] as const);
}

interface Place {
  readonly ms: number;
  /** Ids of the last ones that have come, from 0. */
  readonly person: number;
  readonly auction: number;
}

function partsOf({ random, below, one, text, extra, price }: ReturnType<typeof chance>) {
  const url = (): string => `https://www.nexmark.com/${text(5)}/${text(5)}/item.htm?query=1`;
  const urls = Array.from({ length: 1_000 }, () => `${url()}&channel_id=${below(2 ** 31)}`);
  const hotUrls = hotChannels.map(url);
  const hotOf = (last: number): number => Math.floor(last / hotBlock) * hotBlock;
  const somePerson = (last: number): number => {
    const active = Math.min(last, activePeople);
    return last - active + below(active + lead);
  };
  const someAuction = (last: number): number => {
    const lowest = Math.max(0, last - auctionsInFlight);
    return lowest + below(last - lowest + 1 + lead);
  };
  return {
    person: ({ ms, person }: Place) => ({
      id: firstId + person,
      name: `${one(firstNames)} ${one(lastNames)}`,
      emailAddress: `${text(6)}@${text(4)}.com`,
      creditCard: Array.from({ length: 4 }, () => below(10_000)).join(" "),
      city: one(cities),
      state: one(states),
      dateTime: timeText(ms),
      extra: extra(70, 200),
    }),
    auction: ({ ms, person, auction }: Place) => {
      const initialBid = price();
      return {
        id: firstId + auction,
        itemName: text(20),
        description: text(100),
        initialBid,
        reserve: initialBid + price(),
        dateTime: timeText(ms),
        expires: timeText(ms + 1 + below(300)),
        seller: firstId + (below(4) > 0 ? hotOf(person) : somePerson(person)),
        category: 10 + below(5),
        extra: extra(176, 500),
      };
    },
    bid: ({ ms, person, auction }: Place) => {
      const isHot = random() < 0.5;
      const at = below(isHot ? hotChannels.length : urls.length);
      return {
        auction: firstId + (below(2) > 0 ? hotOf(auction) : someAuction(auction)),
        bidder: firstId + (below(4) > 0 ? hotOf(person) + 1 : somePerson(person)),
        price: price(),
        channel: isHot ? hotChannels[at] : `channel-${at}`,
        url: isHot ? hotUrls[at] : urls[at],
        dateTime: timeText(ms),
        extra: text(below(60)),
      };
    },
  };
}

function chance(random: () => number) {
  const below = (bound: number): number => Math.floor(random() * bound);
  const letter = (): string => String.fromCharCode(97 + below(26));
  const pool = Array.from({ length: 4_096 }, letter).join("");
  const text = (length: number): string => {
    const at = below(pool.length - length);
    return pool.slice(at, at + length);
  };
  return {
    random,
    below,
    text,
    one: (texts: readonly string[]): string => texts[below(texts.length)] as string,
    /** Fills up to a size, a fifth more or less. */
    extra: (now: number, wanted: number): string =>
      text(Math.round((wanted - now) * (0.8 + random() * 0.4))),
    price: (): number => Math.round(10 ** (random() * 6) * 100),
  };
}

function lastIds(number: number): Pick<Place, "person" | "auction"> {
  const [epoch, place] = [Math.floor(number / period), number % period];
  const person = epoch * persons + Math.min(place, persons - 1);
  const ofEpoch = Math.min(place - persons, auctions - 1);
  const auction = place < persons ? epoch * auctions - 1 : epoch * auctions + ofEpoch;
  return { person, auction: Math.max(0, auction) };
}
