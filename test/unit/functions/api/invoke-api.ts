import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { PassThrough, type Readable } from "node:stream";
import { streamHandle } from "hono/aws-lambda";
import type { deployedApi } from "../../../../functions/api/aws-api.ts";
import type { LambdaFunction } from "../../../../localstack/lambda/lambda-function.ts";
import { readPrelude } from "../../../../localstack/lambda/read-prelude.ts";
import { urlEvent } from "../../../../localstack/lambda/url-event.ts";

/** What Lambda's runtime for Node puts into the global scope, as far as a handler that streams uses it. */
Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: unknown) => handler,
    HttpResponseStream: {
      from(stream: PassThrough, metadata: object) {
        stream.write(JSON.stringify(metadata));
        stream.write(Buffer.alloc(8));
        return stream;
      },
    },
  },
});

type Handler = (
  event: unknown,
  stream: PassThrough,
  context: { getRemainingTimeInMillis(): number },
) => Promise<void>;

/** Invokes the API in this process as a function is invoked. */
export const invoking =
  (
    api: ReturnType<typeof deployedApi>,
    { remainingMs = 60_000 }: { readonly remainingMs?: number } = {},
  ): LambdaFunction["invoke"] =>
  async (payload, onStream) => {
    const handler = streamHandle(api) as unknown as Handler;
    const answer = new PassThrough();
    // Who has asked may go: the function goes on.
    const taken = onStream?.(answer as Readable as IncomingMessage)
      .catch(() => {})
      .then(() => answer.resume());
    await handler(JSON.parse(payload), answer, { getRemainingTimeInMillis: () => remainingMs });
    await taken;
    return { payload: "" };
  };

export interface UrlRequest {
  readonly method?: string;
  /** Path and query, as they came. */
  readonly target: string;
  readonly body?: string;
  readonly remainingMs?: number;
  readonly onChunk?: (chunk: string) => void;
}

/** What the API answers to a request that its function's URL hands over. */
export async function invokeApi(
  api: ReturnType<typeof deployedApi>,
  { method = "GET", target, body = "", onChunk = () => {}, ...time }: UrlRequest,
): Promise<{ readonly status: number; readonly type: string; readonly body: string }> {
  const headers = { host: `${randomUUID()}.lambda-url.eu-west-1.on.aws`, ...typeOf(body) };
  const event = urlEvent({ method, target, headers, body });
  let answered = { status: 0, type: "", body: "" };
  await invoking(api, time)(JSON.stringify(event), async (answer) => {
    const { statusCode: status, headers: given, rest } = await readPrelude(answer);
    let text = "";
    for await (const chunk of rest) {
      text += String(chunk);
      onChunk(String(chunk));
    }
    answered = { status, type: given["content-type"] ?? "", body: text };
  });
  return answered;
}

const typeOf = (body: string) => (body === "" ? {} : { "content-type": "application/json" });
