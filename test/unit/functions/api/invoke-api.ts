import { Writable } from "node:stream";
import { streamHandle } from "hono/aws-lambda";
import type { deployedApi } from "../../../../functions/api/aws-api.ts";

/** What Lambda's runtime for Node puts into the global scope, as far as a handler that streams uses it. */
Object.assign(globalThis, {
  awslambda: {
    streamifyResponse: (handler: unknown) => handler,
    HttpResponseStream: {
      from: (stream: AnswerStream, metadata: AnswerMetadata) => Object.assign(stream, { metadata }),
    },
  },
});

interface AnswerMetadata {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
}

class AnswerStream extends Writable {
  metadata?: AnswerMetadata;
  readonly chunks: string[] = [];
  readonly onChunk: (chunk: string) => void;
  constructor(onChunk: (chunk: string) => void) {
    super();
    this.onChunk = onChunk;
  }
  override _write(chunk: Uint8Array, _: unknown, done: () => void): void {
    const text = new TextDecoder().decode(chunk);
    this.chunks.push(text);
    this.onChunk(text);
    done();
  }
}

export interface UrlRequest {
  readonly method?: string;
  /** As it came, with what is escaped in it. */
  readonly path: string;
  readonly query?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly userArn?: string;
  readonly remainingMs?: number;
  readonly onChunk?: (chunk: string) => void;
}

/** What a function's URL hands over, and what the handler answers. */
export async function invokeApi(
  api: ReturnType<typeof deployedApi>,
  { method = "GET", path, query = "", body, headers, userArn, ...given }: UrlRequest,
): Promise<{ readonly status: number; readonly type: string; readonly body: string }> {
  const { remainingMs = 60_000, onChunk = () => {} } = given;
  const event = {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: query,
    headers: { host: "abc.lambda-url.eu-west-1.on.aws", ...headers },
    requestContext: {
      domainName: "abc.lambda-url.eu-west-1.on.aws",
      http: { method, path },
      ...(userArn !== undefined && { authorizer: { iam: { userArn } } }),
    },
    ...(body !== undefined && { body: Buffer.from(body).toString("base64") }),
    isBase64Encoded: body !== undefined,
  };
  const answer = new AnswerStream(onChunk);
  const handler = streamHandle(api) as unknown as (
    event: unknown,
    stream: AnswerStream,
    context: { getRemainingTimeInMillis(): number },
  ) => Promise<void>;
  await handler(event, answer, { getRemainingTimeInMillis: () => remainingMs });
  const { statusCode = 0, headers: answered = {} } = answer.metadata ?? {};
  return {
    status: statusCode,
    type: answered["content-type"] ?? "",
    body: answer.chunks.join(""),
  };
}
