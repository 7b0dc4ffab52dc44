import type { Feed, Update } from "./feed.ts";

/** Events that wait for a viewer who reads slowly; then it is behind. */
const waitingMax = 8;
/** A browser that has lost the connection comes back after this long. */
const comeBackMs = 1_000;

/**
 * A feed as server-sent events: `id` and `data` of each update, and a comment where nothing happens for long.
 * @throws what viewing throws
 */
export function eventStream(feed: Feed, lastEventId: string | undefined): Response {
  const encoder = new TextEncoder();
  let leave = (): void => {};
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(encoder.encode(`retry: ${comeBackMs}\n\n`));
        const viewer = {
          isReady: () => (controller.desiredSize ?? 0) > 0,
          take: (update: Update) => controller.enqueue(encoder.encode(eventText(update))),
          end: () => controller.close(),
        };
        leave = feed.view(viewer, lastEventId);
      },
      cancel: () => leave(),
    },
    { highWaterMark: waitingMax },
  );
  return new Response(body, {
    headers: {
      "content-type": eventStreamType,
      "cache-control": "no-store",
      // Whoever stands between must not collect events.
      "x-accel-buffering": "no",
    },
  });
}

export const eventStreamType = "text/event-stream";

/** JSON has no line ends of its own, so that an event is one line of data. */
const eventText = ({ id, data }: Update): string =>
  id === undefined ? ": nothing new\n\n" : `id: ${id}\ndata: ${data}\n\n`;
