/** Which windows an element belongs to. Plain data; sizes, slides, offsets and gaps in milliseconds. */
export type WindowAssigner =
  | { readonly kind: "tumbling"; readonly sizeMs: number; readonly offsetMs: number }
  | {
      readonly kind: "sliding";
      readonly sizeMs: number;
      readonly slideMs: number;
      readonly offsetMs: number;
    }
  | { readonly kind: "session"; readonly gapMs: number };
