/** Of times eight: an epoch that is lost is noticed, and one that needs long has it. */
const doublingsMax = 3;

/**
 * How long an epoch may take before it expires (protocol 6.4), in milliseconds: twice as long for each that expired right before it, up to
 * eight times the setting. A stop is tried until it succeeds; where each try had the same time it might never.
 */
export function timeOfEpochMs(
  { timeoutMs }: { readonly timeoutMs: number },
  failures: number,
): number {
  return timeoutMs * 2 ** Math.min(failures, doublingsMax);
}
