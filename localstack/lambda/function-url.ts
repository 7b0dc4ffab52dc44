import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { messageOf } from "../../runtime/errors/millrace-error.ts";
import { signatureFault, type SigningIdentity } from "./check-signature.ts";
import type { LambdaFunction } from "./lambda-function.ts";
import { readPrelude } from "./read-prelude.ts";
import { urlEvent } from "./url-event.ts";

export interface FunctionUrlOptions {
  readonly invoke: LambdaFunction["invoke"];
  /** Who may call it. */
  readonly identity: SigningIdentity;
}

export interface FunctionUrl {
  /** With a slash at its end, as Lambda's. */
  readonly url: string;
  close(): void;
}

/** A function's URL that takes signed requests only and passes answers on as they come (AWS Lambda developer guide, "Lambda function URLs"). */
export async function serveFunctionUrl(options: FunctionUrlOptions): Promise<FunctionUrl> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((thrown: unknown) => {
      if (response.headersSent) response.destroy();
      else reply(response, 502, messageOf(thrown));
    });
  });
  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  { invoke, identity }: FunctionUrlOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { method = "GET", url: target = "/", headers } = request;
  const body = (await buffer(request)).toString();
  const fault = signatureFault({ method, target, headers, body }, identity);
  if (fault !== undefined) return reply(response, 403, `Forbidden: ${fault}.`);
  const event = urlEvent({ method, target, headers, body });
  const { functionError } = await invoke(JSON.stringify(event), async (streamed) => {
    const { statusCode, headers: answered, rest } = await readPrelude(streamed);
    response.writeHead(statusCode, answered);
    response.flushHeaders();
    await pipeline(rest, response);
  });
  if (response.headersSent) return;
  reply(
    response,
    502,
    functionError === undefined ? "It did not stream." : "Internal Server Error",
  );
}

function reply(response: ServerResponse, status: number, message: string): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ Message: message }));
}
