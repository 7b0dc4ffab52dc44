import { answerTo, type PlayRequest } from "../../playground/messages.ts";

/** The engine in a worker of its own: each message is a request, and is answered with messages. */
addEventListener("message", ({ data }: MessageEvent<PlayRequest>) => void answer(data));

async function answer(request: PlayRequest): Promise<void> {
  for await (const message of answerTo(request)) postMessage(message);
}
