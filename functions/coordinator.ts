import { type CoordinatorEnd, runCoordinator } from "../runtime/coordinator/coordinator.ts";
import { type CoordinatorOptions } from "../runtime/coordinator/options.ts";

/** What Lambda tells an invocation about itself. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/** Time that the coordinator leaves unused at the end of an invocation: it must release its lease. */
const reserveMs = 2_000;

/** Makes the coordinator's handler: a schedule starts it every minute, and it leads, or stands by for whoever leads, until its time is over or nothing is active. */
export function coordinatorHandler(options: Omit<CoordinatorOptions, "deadlineMs">) {
  return async (
    _event: unknown,
    context: InvocationContext,
  ): Promise<{ readonly end: CoordinatorEnd }> => {
    const deadlineMs =
      options.job.ports.clock.nowMs() + context.getRemainingTimeInMillis() - reserveMs;
    return { end: await runCoordinator({ ...options, deadlineMs }) };
  };
}
