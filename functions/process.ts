import { isMillraceError, messageOf } from "../runtime/errors/millrace-error.ts";
import { createEnvironment, type SlotEnvironment } from "../runtime/slot/image/environment.ts";
import type { JobRuntime } from "../runtime/job/job-runtime.ts";
import { type Batch, processBatch } from "../runtime/slot/process-batch.ts";
import type { InvocationContext } from "./coordinator.ts";
import { type ProcessAnswer, type ProcessEvent, readEvent } from "./events/index.ts";

/** The process function: takes what an event source mapping hands over for any slot of the job. */
export type ProcessHandler = ((
  event: ProcessEvent,
  context?: InvocationContext,
) => Promise<ProcessAnswer>) & {
  /** The warm environment behind the handler, for metrics and tests. */
  readonly environment: SlotEnvironment;
};

/** Makes the handler of one environment: what Lambda keeps warm between invocations. */
export function processHandler(job: JobRuntime): ProcessHandler {
  const environment = createEnvironment(job);
  let before: Promise<unknown> = Promise.resolve();
  // One invocation at a time, as in Lambda: images are shared within an environment.
  const handler = (event: ProcessEvent, context?: InvocationContext): Promise<ProcessAnswer> => {
    const invocation = before.then(() => invoke(event, deadlineOf(context)));
    before = invocation.catch(() => undefined);
    return invocation;
  };
  const invoke = async (
    event: ProcessEvent,
    deadline: Pick<Batch, "deadline">,
  ): Promise<ProcessAnswer> => {
    const { batch, answer } = readEvent(event);
    if (batch === undefined) return answer(undefined);
    const { stream, shardId, records } = batch;
    try {
      const { failedSequence } = await processBatch(environment, { ...batch, ...deadline });
      return answer(failedSequence);
    } catch (thrown) {
      const [first] = records;
      if (first === undefined || !isMillraceError(thrown) || !thrown.retryable) throw thrown;
      job.ports.telemetry.log("warn", "a batch is given back", {
        stream,
        shardId,
        code: thrown.code,
        error: messageOf(thrown),
      });
      return answer(first.sequence);
    }
  };
  return Object.assign(handler, { environment });
}

/** Where nobody says how much time there is, as in a process that stands for Lambda, there is no deadline. */
function deadlineOf(context: InvocationContext | undefined): Pick<Batch, "deadline"> {
  if (context === undefined) return {};
  return { deadline: { remainingMs: () => context.getRemainingTimeInMillis() } };
}
