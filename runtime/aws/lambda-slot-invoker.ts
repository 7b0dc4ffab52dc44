import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { messageOf, storeError } from "../errors/millrace-error.ts";
import type { SlotInvoker } from "../ports/index.ts";

export interface LambdaSlotInvokerOptions {
  /** Name or ARN of the process function. */
  readonly functionName: string;
  readonly client: LambdaClient;
}

/** Has the process function invoked for one slot, and waits for no more than that Lambda has taken it down. */
export function lambdaSlotInvoker({ functionName, client }: LambdaSlotInvokerOptions): SlotInvoker {
  return {
    invoke: async (invocation) => {
      const payload = new TextEncoder().encode(JSON.stringify({ millrace: invocation }));
      await client
        .send(
          new InvokeCommand({
            FunctionName: functionName,
            InvocationType: "Event",
            Payload: payload,
          }),
        )
        .catch((cause: unknown) => {
          throw failed(functionName, messageOf(cause), cause);
        });
    },
  };
}

function failed(functionName: string, why: string, cause?: unknown): Error {
  return storeError("invocation-failed", {
    message: `Function "${functionName}" could not be invoked for a slot: ${why}`,
    next: "It is tried again in the next round; look at the function's log if this lasts.",
    retryable: true,
    cause,
  });
}
