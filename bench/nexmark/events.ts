/** One event of Nexmark's auction house: exactly one of the three parts is there. Times as "2024-01-01 00:00:00.000", UTC. */
export interface NexmarkEvent {
  readonly event_type: 0 | 1 | 2;
  readonly person: Person | null;
  readonly auction: Auction | null;
  readonly bid: Bid | null;
}

export interface Person {
  readonly id: number;
  readonly name: string;
  readonly emailAddress: string;
  readonly creditCard: string;
  readonly city: string;
  readonly state: string;
  readonly dateTime: string;
  readonly extra: string;
}

export interface Auction {
  readonly id: number;
  readonly itemName: string;
  readonly description: string;
  readonly initialBid: number;
  readonly reserve: number;
  readonly dateTime: string;
  readonly expires: string;
  readonly seller: number;
  readonly category: number;
  readonly extra: string;
}

export interface Bid {
  readonly auction: number;
  readonly bidder: number;
  readonly price: number;
  readonly channel: string;
  readonly url: string;
  readonly dateTime: string;
  readonly extra: string;
}

/** Event time of an event in milliseconds. */
export function eventMs({ person, auction, bid }: NexmarkEvent): number {
  return millis((bid ?? auction ?? person)?.dateTime ?? "");
}

/** Events come by time: most are of the day of the one before. */
let known = { day: "", startMs: Number.NaN };

export function millis(text: string): number {
  const day = text.slice(0, 10);
  if (day !== known.day) known = { day, startMs: Date.parse(`${day}T00:00:00Z`) };
  const minutes = digits(text, 11, 2) * 60 + digits(text, 14, 2);
  return known.startMs + minutes * 60_000 + digits(text, 17, 2) * 1_000 + digits(text, 20, 3);
}

function digits(text: string, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) value = value * 10 + text.charCodeAt(at) - 48;
  return value;
}

export function timeText(ms: number): string {
  return new Date(ms).toISOString().slice(0, -1).replace("T", " ");
}
