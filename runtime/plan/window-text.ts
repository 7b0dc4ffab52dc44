import type { PlannedAssigner } from "./plan.ts";

/** Equal for windows that are equal: a tumbling window slides by its size, and offsets repeat. */
export function windowGrid(assigner: PlannedAssigner): string {
  const time = "time" in assigner ? " by processing time" : "";
  switch (assigner.kind) {
    case "session":
    case "dynamic-session":
      return `sessions${time}`;
    case "calendar":
      return calendarText(assigner);
    case "global":
      return "global";
    case "cumulative":
      return `${gridOf(assigner, assigner.sizeMs)} in steps of ${assigner.stepMs}`;
    case "tumbling":
      return `${gridOf(assigner, assigner.sizeMs)}${time}${staggerText(assigner)}`;
    case "sliding":
      return `${gridOf(assigner, assigner.slideMs)}${time}`;
  }
}

function calendarText({
  unit,
  timeZone,
  firstDay,
}: Extract<PlannedAssigner, { readonly kind: "calendar" }>): string {
  const first = unit === "week" ? `, from day ${firstDay}` : "";
  return `windows of a ${unit} in ${timeZone}${first}`;
}

function staggerText({ stagger }: { readonly stagger?: "keys" }): string {
  return stagger === undefined ? "" : ", staggered by key";
}

interface Grid {
  readonly sizeMs: number;
  readonly offsetMs: number;
}

function gridOf({ sizeMs, offsetMs }: Grid, slideMs: number): string {
  return `${sizeMs} by ${slideMs} from ${((offsetMs % slideMs) + slideMs) % slideMs}`;
}

/** How messages call windows. */
export function windowText(assigner: PlannedAssigner): string {
  const time = "time" in assigner ? " of processing time" : "";
  switch (assigner.kind) {
    case "session":
      return `session windows${time} with a gap of ${assigner.gapMs} ms`;
    case "dynamic-session":
      return `session windows${time} with a gap for each element`;
    case "calendar":
      return calendarText(assigner);
    case "global":
      return "global windows";
    case "cumulative":
      return `cumulative windows of ${assigner.sizeMs} ms, step ${assigner.stepMs} ms, offset ${assigner.offsetMs} ms`;
    case "tumbling":
      return `tumbling windows${time} of ${assigner.sizeMs} ms, offset ${assigner.offsetMs} ms${staggerText(assigner)}`;
    case "sliding":
      return `sliding windows${time} of ${assigner.sizeMs} ms, slide ${assigner.slideMs} ms, offset ${assigner.offsetMs} ms`;
  }
}
