/** Which windows an element belongs to. Plain data; sizes, slides, steps, offsets and gaps in milliseconds. */
export type WindowAssigner =
  | { readonly kind: "tumbling"; readonly sizeMs: number; readonly offsetMs: number }
  | {
      readonly kind: "sliding";
      readonly sizeMs: number;
      readonly slideMs: number;
      readonly offsetMs: number;
    }
  | {
      readonly kind: "cumulative";
      /** Of the largest, behind which the next ones begin. */
      readonly sizeMs: number;
      readonly stepMs: number;
      readonly offsetMs: number;
    }
  | { readonly kind: "session"; readonly gapMs: number };
