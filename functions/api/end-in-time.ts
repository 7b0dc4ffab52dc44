import type { MiddlewareHandler } from "hono";
import { eventStreamType } from "../../http/live/event-stream.ts";
import type { Clock } from "../../runtime/ports/index.ts";
import type { InvocationContext } from "../coordinator.ts";

/** What hono's adapter hands over of an invocation. */
export interface InvocationBindings {
  readonly context: InvocationContext;
}

/** Time that stays unused: what is on its way to the viewer is sent. */
const reserveMs = 5_000;

/**
 * Ends streams of events before the invocation does: Lambda would cut it off in the midst of an event, and call it an error. Viewers come back with the id of
 * their last event, as browsers do by themselves.
 */
export const endInTime =
  ({ clock }: { readonly clock: Clock }): MiddlewareHandler<{ Bindings: InvocationBindings }> =>
  async (context, next) => {
    await next();
    const { body, headers } = context.res;
    if (body === null || headers.get("content-type") !== eventStreamType) return;
    const durationMs = context.env.context.getRemainingTimeInMillis() - reserveMs;
    context.res = new Response(endingAfter(durationMs, body, clock), context.res);
  };

/** Between two chunks, each of which holds whole events. */
function endingAfter(
  durationMs: number,
  body: ReadableStream<Uint8Array>,
  clock: Clock,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  const over = clock.sleep(Math.max(0, durationMs)).then(() => undefined);
  return new ReadableStream({
    async pull(controller) {
      const read = await Promise.race([reader.read(), over]);
      if (read?.value !== undefined) return controller.enqueue(read.value);
      controller.close();
      await reader.cancel();
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
