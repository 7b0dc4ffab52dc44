/** Stands between the name of a timer and its id: no name may hold it. */
const idMark = "\u0000";

/** One of the timers of a key: those of a name are told apart by their ids, where they have any. */
export interface TimerName {
  readonly domain: "event" | "processing";
  readonly name: string;
  readonly id?: string | undefined;
}

/** Under which key a timer's setting is kept: "event:name" or "processing:name", then its id. */
export function timerKey({ domain, name, id }: TimerName): string {
  return `${domain}:${name}${id === undefined ? "" : idMark + id}`;
}

/** The timer whose setting is kept under a key. */
export function timerOfKey(key: string): TimerName {
  const [named = "", ...rest] = key.split(idMark);
  const colon = named.indexOf(":");
  const domain = named.slice(0, colon) === "event" ? "event" : "processing";
  const id = rest.length === 0 ? {} : { id: rest.join(idMark) };
  return { domain, name: named.slice(colon + 1), ...id };
}

/** How messages name it. */
export function timerText(key: string): string {
  // Windows wait under their own names.
  if (!key.includes(":")) return key;
  const { domain, name, id } = timerOfKey(key);
  return `${domain}:${name}${id === undefined ? "" : ` ${id}`}`;
}

export function canNameTimer(name: string): boolean {
  return !name.includes(idMark);
}
