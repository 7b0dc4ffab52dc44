/** Which time an element's windows go by. Absent: its event time. */
interface ByTime {
  readonly time?: "processing";
}

/** Which windows an element belongs to. Plain data; sizes, slides, steps, offsets and gaps in milliseconds. */
export type WindowAssigner =
  | (ByTime & { readonly kind: "tumbling"; readonly sizeMs: number; readonly offsetMs: number })
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
  /** One window for all of time. */
  | { readonly kind: "global" };

/** Which time windows end by: that of events, that of processing, or none. */
export function timeOfWindows(assigner: WindowAssigner): "event" | "processing" | "none" {
  if (assigner.kind === "global") return "none";
  return "time" in assigner && assigner.time === "processing" ? "processing" : "event";
}
