/** A time as the API writes it: "none" before the first, "end" behind the last. */
export type WrittenMs = number | "none" | "end";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** The two greatest units of a time that passes: "340 ms", "2.3 s", "4 m 05 s", "3 d 4 h". */
export function duration(ms: number): string {
  const rounded = Math.max(0, Math.round(ms));
  if (rounded < secondMs) return `${rounded} ms`;
  if (rounded < 10 * secondMs) return `${(rounded / secondMs).toFixed(1)} s`;
  if (rounded < minuteMs) return `${Math.floor(rounded / secondMs)} s`;
  if (rounded < hourMs) return two(rounded, [minuteMs, "m"], [secondMs, "s"]);
  if (rounded < dayMs) return two(rounded, [hourMs, "h"], [minuteMs, "m"]);
  return `${Math.floor(rounded / dayMs)} d ${Math.floor((rounded % dayMs) / hourMs)} h`;
}

type Unit = readonly [ms: number, name: string];

function two(ms: number, [great, name]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((ms % great) / small);
  return `${Math.floor(ms / great)} ${name} ${String(rest).padStart(2, "0")} ${smallName}`;
}

/** A moment in UTC, as logs and event times are written: "14:03:22.120", with its date where that is another day than `nowMs`. */
export function moment(ms: number, nowMs: number): string {
  const text = new Date(ms).toISOString();
  const time = text.slice(11, ms % secondMs === 0 ? 19 : 23);
  return text.slice(0, 10) === new Date(nowMs).toISOString().slice(0, 10)
    ? time
    : `${text.slice(0, 10)} ${time}`;
}

/** A moment below an axis: midnights say which day begins, others the time of day, with seconds where the axis is short. */
export function tick(ms: number, spanMs: number): string {
  const text = new Date(ms).toISOString();
  if (ms % dayMs === 0 && spanMs >= hourMs) return text.slice(0, 10);
  return text.slice(11, spanMs < 10 * minuteMs ? 19 : 16);
}

export function watermark(ms: WrittenMs, nowMs: number): string {
  if (ms === "none") return "–";
  return ms === "end" ? "end" : moment(ms, nowMs);
}

/** Event time that is older than this is history: no clock says how far it is behind. */
export const isHistory = (lagMs: number): boolean => lagMs > dayMs;
