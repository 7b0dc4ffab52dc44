import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** What a runtime is asked to do. */
export interface RuntimeInvocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly payload: string;
  readonly deadlineMs: number;
  /** Takes an answer that is streamed, as it comes. Default: it is collected. */
  readonly onStream?: OnStream | undefined;
}

/** Resolves when nothing more is taken of the answer. */
export type OnStream = (answer: IncomingMessage) => Promise<void>;

/** What became of an invocation: `functionError` as in the answer of Lambda's Invoke. */
export interface InvocationResult {
  readonly functionError?: "Unhandled";
  readonly payload: string;
}

/** One environment's side of Lambda's runtime API (AWS Lambda developer guide, "Using the Lambda runtime API"). */
export interface RuntimeApi {
  /** `host:port`, as AWS_LAMBDA_RUNTIME_API holds it. */
  readonly address: string;
  /** Resolves when the runtime asks for its first event; rejects when it reports that it can't be initialized. */
  readonly initialized: Promise<void>;
  /** Hands an event to the runtime. Resolves with its answer; never, if the runtime ends before. */
  invoke(invocation: RuntimeInvocation): Promise<InvocationResult>;
  close(): void;
}

const prefix = "/2018-06-01/runtime";

interface UnderWay {
  readonly id: string;
  readonly onStream?: OnStream | undefined;
  readonly done: (result: InvocationResult) => void;
}

/** Serves the runtime API to one runtime, which takes one event at a time. */
export async function serveRuntimeApi(): Promise<RuntimeApi> {
  const initialized = Promise.withResolvers<void>();
  initialized.promise.catch(() => {});
  let asking: ServerResponse | undefined;
  let pending: RuntimeInvocation | undefined;
  let underWay: UnderWay | undefined;

  function handOver(): void {
    if (asking === undefined || pending === undefined) return;
    const { requestId, functionArn, payload, deadlineMs } = pending;
    asking.writeHead(200, {
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": requestId,
      "lambda-runtime-deadline-ms": String(deadlineMs),
      "lambda-runtime-invoked-function-arn": functionArn,
      "lambda-runtime-trace-id": "Root=1-00000000-000000000000000000000000;Sampled=0",
    });
    asking.end(payload);
    asking = undefined;
    pending = undefined;
  }

  function finish(id: string, result: InvocationResult): boolean {
    if (underWay?.id !== id) return false;
    const { done } = underWay;
    underWay = undefined;
    done(result);
    return true;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").slice(prefix.length);
    if (path === "/invocation/next") {
      asking = response;
      initialized.resolve();
      handOver();
      return;
    }
    const [, id = "", kind] = /^\/invocation\/([^/]+)\/(response|error)$/.exec(path) ?? [];
    const onStream = underWay?.id === id && isStreamed(request) ? underWay.onStream : undefined;
    const body =
      onStream === undefined ? (await buffer(request)).toString() : await passOn(request, onStream);
    if (path === "/init/error") {
      initialized.reject(new Error(body));
      return reply(response, 202);
    }
    const result: InvocationResult =
      kind === "error" ? { functionError: "Unhandled", payload: body } : { payload: body };
    reply(response, kind !== undefined && finish(id, result) ? 202 : 400);
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  // A runtime waits for its next event as long as it takes.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    initialized: initialized.promise,
    invoke: (invocation) =>
      new Promise((done) => {
        underWay = { id: invocation.requestId, onStream: invocation.onStream, done };
        pending = invocation;
        handOver();
      }),
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Whoever takes it may go before its end: the function goes on, as in Lambda. */
async function passOn(request: IncomingMessage, onStream: OnStream): Promise<string> {
  await onStream(request).catch(() => {});
  request.resume();
  if (!request.readableEnded) await once(request, "end");
  return "";
}

const isStreamed = ({ headers }: IncomingMessage): boolean =>
  headers["lambda-runtime-function-response-mode"] === "streaming";

function reply(response: ServerResponse, status: number): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ status: status === 202 ? "OK" : "refused" }));
}
