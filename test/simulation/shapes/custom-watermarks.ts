import { tumblingWindows } from "../../../runtime/index.ts";
import { fixedWindowShape } from "./fixed-window-shape.ts";
import { readItems } from "./source.ts";

/** Tumbling windows behind a generator of watermarks that remembers what it was given. */
export const customWatermarks = fixedWindowShape("custom-watermarks", ({ sizeMs }) => ({
  assigner: tumblingWindows({ size: { milliseconds: sizeMs } }),
  slideMs: sizeMs,
  read: (env) => readItems(env, "items", { isCustom: true }),
}));
