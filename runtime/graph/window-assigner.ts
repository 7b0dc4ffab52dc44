import type { Duration } from "./duration.ts";

/** Which time an element's windows go by. Absent: its event time. */
interface ByTime {
  readonly time?: "processing";
}

/** Which windows an element belongs to. Plain data; sizes, slides, steps, offsets and gaps in milliseconds. */
export type WindowAssigner<T = unknown> =
  | (ByTime & {
      readonly kind: "tumbling";
      readonly sizeMs: number;
      readonly offsetMs: number;
      /** The windows of each key have an offset of their own. */
      readonly stagger?: "keys";
    })
  | (ByTime & {
      readonly kind: "sliding";
      readonly sizeMs: number;
      readonly slideMs: number;
      readonly offsetMs: number;
    })
  | {
      readonly kind: "cumulative";
      /** Of the largest, behind which the next ones begin. */
      readonly sizeMs: number;
      readonly stepMs: number;
      readonly offsetMs: number;
    }
  | (ByTime & { readonly kind: "session"; readonly gapMs: number })
  /** Sessions whose gap depends on the element. */
  | (ByTime & { readonly kind: "dynamic-session"; readonly gap: (value: T) => Duration })
  | {
      readonly kind: "calendar";
      readonly unit: "day" | "week" | "month";
      /** IANA name, for example "Europe/Berlin". */
      readonly timeZone: string;
      /** ISO 8601: 1 is Monday. Of weeks only. */
      readonly firstDay: number;
    }
  /** One window for all of time. */
  | { readonly kind: "global" };

/** Whether windows of one key that overlap or touch become one. */
export function areSessions({ kind }: WindowAssigner): boolean {
  return kind === "session" || kind === "dynamic-session";
}

/** Which time windows end by: that of events, that of processing, or none. */
export function timeOfWindows(assigner: WindowAssigner): "event" | "processing" | "none" {
  if (assigner.kind === "global") return "none";
  return "time" in assigner && assigner.time === "processing" ? "processing" : "event";
}
