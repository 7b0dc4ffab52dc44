import { tumblingWindows } from "../../../runtime/index.ts";
import { fixedWindowShape } from "./fixed-window-shape.ts";

/** Tumbling windows with corrections: every firing replaces the window's row and is appended to a log. */
export const tumbling = fixedWindowShape("tumbling", ({ sizeMs }) => ({
  assigner: tumblingWindows({ size: { milliseconds: sizeMs } }),
  slideMs: sizeMs,
}));
