import type { Deadline } from "../../ports/index.ts";

/** How much of an invocation is left, from 1 at its begin to 0 at its deadline; always 1 where it has none. */
export interface InvocationTime extends Deadline {
  shareLeft(): number;
}

export const unlimitedTime: InvocationTime = {
  remainingMs: () => Number.POSITIVE_INFINITY,
  shareLeft: () => 1,
};

export function invocationTime(deadline: Deadline | undefined): InvocationTime {
  if (deadline === undefined) return unlimitedTime;
  const totalMs = Math.max(deadline.remainingMs(), 1);
  return {
    remainingMs: () => deadline.remainingMs(),
    shareLeft: () => deadline.remainingMs() / totalMs,
  };
}
