import type { WindowAssigner } from "../graph/window-assigner.ts";

/** Equal for windows that are equal: a tumbling window slides by its size, and offsets repeat. */
export function windowGrid(assigner: WindowAssigner): string {
  const time = "time" in assigner ? " by processing time" : "";
  switch (assigner.kind) {
    case "session":
      return `sessions${time}`;
    case "global":
      return "global";
    case "cumulative":
      return `${gridOf(assigner, assigner.sizeMs)} in steps of ${assigner.stepMs}`;
    case "tumbling":
      return `${gridOf(assigner, assigner.sizeMs)}${time}`;
    case "sliding":
      return `${gridOf(assigner, assigner.slideMs)}${time}`;
  }
}

interface Grid {
  readonly sizeMs: number;
  readonly offsetMs: number;
}

function gridOf({ sizeMs, offsetMs }: Grid, slideMs: number): string {
  return `${sizeMs} by ${slideMs} from ${((offsetMs % slideMs) + slideMs) % slideMs}`;
}

/** How messages call windows. */
export function windowText(assigner: WindowAssigner): string {
  const time = "time" in assigner ? " of processing time" : "";
  switch (assigner.kind) {
    case "session":
      return `session windows${time} with a gap of ${assigner.gapMs} ms`;
    case "global":
      return "global windows";
    case "cumulative":
      return `cumulative windows of ${assigner.sizeMs} ms, step ${assigner.stepMs} ms, offset ${assigner.offsetMs} ms`;
    case "tumbling":
      return `tumbling windows${time} of ${assigner.sizeMs} ms, offset ${assigner.offsetMs} ms`;
    case "sliding":
      return `sliding windows${time} of ${assigner.sizeMs} ms, slide ${assigner.slideMs} ms, offset ${assigner.offsetMs} ms`;
  }
}
