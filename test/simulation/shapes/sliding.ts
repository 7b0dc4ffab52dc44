import { slidingWindows } from "../../../runtime/index.ts";
import { fixedWindowShape } from "./fixed-window-shape.ts";

/** Sliding windows, so that every item is in two of them: one may be late for the first and in time for the second. */
export const sliding = fixedWindowShape("sliding", ({ sizeMs }) => ({
  assigner: slidingWindows({ size: { milliseconds: sizeMs }, slide: { milliseconds: sizeMs / 2 } }),
  slideMs: sizeMs / 2,
}));
