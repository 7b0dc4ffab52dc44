import { tumblingWindows } from "../../../runtime/index.ts";
import { fixedWindowShape } from "./fixed-window-shape.ts";
import { readItems } from "./source.ts";

/** Tumbling windows behind a source whose shards wait for each other: they come to their end, with the same results. */
export const alignment = fixedWindowShape("alignment", ({ sizeMs }) => ({
  assigner: tumblingWindows({ size: { milliseconds: sizeMs } }),
  slideMs: sizeMs,
  read: (env) => readItems(env, "items", { maxDriftMs: 300 }),
}));
