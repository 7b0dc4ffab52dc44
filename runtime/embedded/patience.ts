import { isMillraceError } from "../errors/millrace-error.ts";

/**
 * When a run on one machine ends with what keeps failing. Lambda tries a batch again until somebody has mended the installation;
 * here the one who could is told only when the run is over.
 */
export interface Patience {
  /** Notes a failure of a place; answers whether trying it again is in vain. */
  isOver(place: string, thrown: unknown): boolean;
  /** The place has got on. */
  reset(place: string): void;
}

/** Failures in a row of one place that no retry helps, as they say themselves: a few, since what they met may be on the move. */
const permanentMax = 5;
/** Of errors that nobody thought of. */
const unknownMax = 50;

export function patience(): Patience {
  const failures = new Map<string, number>();
  return {
    isOver(place, thrown) {
      if (isMillraceError(thrown) && thrown.retryable) return false;
      const count = (failures.get(place) ?? 0) + 1;
      failures.set(place, count);
      return count >= (isMillraceError(thrown) ? permanentMax : unknownMax);
    },
    reset: (place) => void failures.delete(place),
  };
}
