import type { Duration } from "../graph/duration.ts";
import { durationMs } from "../graph/duration.ts";
import type { Timestamped, WindowEvictor } from "../graph/window-evictor.ts";
import { positiveCount } from "./above-zero.ts";

interface When {
  /** They go after the window's function has seen them. Default: before. */
  readonly after?: boolean;
}

/**
 * Only the last `max` elements stay. Flink's CountEvictor.
 * @throws MillraceError `window-invalid` unless max is a whole number from 1.
 */
export function countEvictor<T>({ max, after }: When & { readonly max: number }): WindowEvictor<T> {
  const count = positiveCount("max", max, "an evictor");
  return evictor(`count ${count}`, (elements) => elements.slice(-count), after);
}

/** Only elements stay that are less than `size` older than the newest one. Flink's TimeEvictor. @throws MillraceError `duration-invalid` */
export function timeEvictor<T>({
  size,
  after,
}: When & { readonly size: Duration }): WindowEvictor<T> {
  const sizeMs = durationMs(size);
  return evictor(
    `time ${sizeMs} ms`,
    (elements) => {
      const newestMs = elements.reduce(
        (max, { timestampMs }) => Math.max(max, timestampMs),
        -Infinity,
      );
      return elements.filter(({ timestampMs }) => timestampMs > newestMs - sizeMs);
    },
    after,
  );
}

interface DeltaOptions<T> extends When {
  /** How far an element is from the last one. */
  readonly delta: (value: T, last: T) => number;
  readonly threshold: number;
}

/** Only elements stay that are nearer than `threshold` to the last one. Flink's DeltaEvictor. */
export function deltaEvictor<T>({ delta, threshold, after }: DeltaOptions<T>): WindowEvictor<T> {
  return evictor<T>(
    `delta ${threshold}`,
    (elements) => {
      const last = elements.at(-1);
      return elements.filter(
        ({ value }) => last !== undefined && delta(value, last.value) < threshold,
      );
    },
    after,
  );
}

function evictor<T>(
  name: string,
  stay: (elements: readonly Timestamped<T>[]) => readonly Timestamped<T>[],
  after = false,
): WindowEvictor<T> {
  return Object.freeze({ name, ...(after ? { after: stay } : { before: stay }) });
}
