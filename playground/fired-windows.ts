import { msOfWritten } from "./written-time.ts";
import type { ShownWindow } from "./play-step.ts";
import type { WrittenMs } from "../runtime/job/progress.ts";

/**
 * Windows that gave a result between two looks: those that say so, those that changed after they had, and those that are gone although the
 * watermark has passed their ends. One that is gone before that was swallowed by another session.
 */
export function firedWindows(
  before: readonly ShownWindow[],
  after: readonly ShownWindow[],
  watermarkOf: (operator: string) => WrittenMs,
): readonly ShownWindow[] {
  const known = new Map(before.map((window) => [identityOf(window), window]));
  const kept = new Set(after.map(identityOf));
  const standing = after.filter((window) => window.fired && isNews(window, known));
  const gone = before.filter(
    (window) =>
      !window.fired &&
      !kept.has(identityOf(window)) &&
      window.endMs - 1 <= msOfWritten(watermarkOf(window.operator)),
  );
  return [...gone.map((window) => ({ ...window, fired: true })), ...standing];
}

function isNews(window: ShownWindow, known: ReadonlyMap<string, ShownWindow>): boolean {
  const earlier = known.get(identityOf(window));
  return earlier?.fired !== true || contentOf(earlier) !== contentOf(window);
}

const identityOf = ({ operator, key, id }: ShownWindow): string =>
  JSON.stringify([operator, key, id]);

const contentOf = ({ startMs, endMs, accumulator }: ShownWindow): string =>
  JSON.stringify([startMs, endMs, accumulator]);
