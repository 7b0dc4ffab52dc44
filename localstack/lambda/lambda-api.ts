import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { messageOf } from "../../runtime/errors/millrace-error.ts";
import type { LambdaFunction } from "./lambda-function.ts";

export interface LambdaApiOptions {
  /** By name. */
  readonly functions: () => ReadonlyMap<string, LambdaFunction>;
  /** What ListEventSourceMappings answers for a function. */
  readonly mappings: () => readonly MappingDescription[];
}

/** As in the answer of ListEventSourceMappings. */
export interface MappingDescription {
  readonly UUID: string;
  readonly EventSourceArn: string;
  readonly FunctionArn: string;
  readonly State: string;
  readonly [attribute: string]: unknown;
}

export interface LambdaApi {
  readonly url: string;
  close(): void;
}

/** The two calls of Lambda's API that the coordinator makes: Invoke and ListEventSourceMappings. */
export async function serveLambdaApi(options: LambdaApiOptions): Promise<LambdaApi> {
  const server = createServer((request, response) => {
    answer(options, request, response).catch((thrown: unknown) =>
      reply(response, { status: 500, body: JSON.stringify({ message: messageOf(thrown) }) }),
    );
  });
  server.requestTimeout = 0;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const invocationPath = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;
const mappingsPath = /^\/2015-03-31\/event-source-mappings\/?$/;

async function answer(
  { functions, mappings }: LambdaApiOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://lambda");
  const [, encoded] = invocationPath.exec(pathname) ?? [];
  if (request.method === "POST" && encoded !== undefined) {
    const invoked = functions().get(nameOf(decodeURIComponent(encoded)));
    if (invoked === undefined) return reply(response, notFound(encoded));
    const body = (await buffer(request)).toString();
    if (request.headers["x-amz-invocation-type"] === "Event") {
      // Lambda has taken it down; what becomes of it shows in the function's log and errors.
      void invoked.invoke(body);
      return reply(response, { status: 202, body: "" });
    }
    const { functionError, payload } = await invoked.invoke(body);
    return reply(response, {
      status: 200,
      body: payload,
      headers: functionError === undefined ? {} : { "x-amz-function-error": functionError },
    });
  }
  if (request.method === "GET" && mappingsPath.test(pathname)) {
    const name = searchParams.get("FunctionName");
    const of = mappings().filter(
      ({ FunctionArn }) => name === null || nameOf(FunctionArn) === nameOf(name),
    );
    return reply(response, { status: 200, body: JSON.stringify({ EventSourceMappings: of }) });
  }
  reply(response, notFound(pathname));
}

/** A function is called by its name or its ARN. */
const nameOf = (nameOrArn: string): string => nameOrArn.split(":").at(-1) as string;

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const notFound = (what: string): Reply => ({
  status: 404,
  body: JSON.stringify({ Type: "User", Message: `${what} was not found` }),
  headers: { "x-amzn-errortype": "ResourceNotFoundException" },
});

function reply(response: ServerResponse, { status, body, headers = {} }: Reply): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(body);
}
