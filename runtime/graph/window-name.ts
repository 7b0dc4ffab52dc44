import type { TimeWindow } from "./functions.ts";

/** A window is what it is: its start and its end, "start/end". Windows of another length that begin together are others. */
export function windowName({ startMs, endMs }: TimeWindow): string {
  return `${startMs}/${endMs}`;
}

export function windowOfName(name: string): TimeWindow {
  const slash = name.indexOf("/");
  return { startMs: Number(name.slice(0, slash)), endMs: Number(name.slice(slash + 1)) };
}

/**
 * The name of a window that was kept under its start, as all were before they had names (docs/formats.md). Sessions kept their end
 * beside what is in them, so that of one that was removed only the start is known: it is named as if it ended there.
 */
export function windowNameOfStart(
  startMs: number,
  assigner: { readonly kind: string; readonly sizeMs?: number },
): string {
  const lengthMs = assigner.sizeMs ?? 0;
  return windowName({ startMs, endMs: startMs + lengthMs });
}
