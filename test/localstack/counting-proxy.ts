import { once } from "node:events";
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** One call that went through. */
export interface CountedCall {
  /** The operation; of S3 the method and whether it is an object or a bucket: `PUT object`. */
  readonly name: string;
  /** Body of a JSON call; undefined for S3. */
  readonly input: unknown;
  /** Body of its answer, where that is JSON. */
  readonly output: unknown;
  readonly path: string;
  /** Bodies only. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly status: number;
}

export interface CountingProxy {
  readonly url: string;
  close(): void;
}

export interface CountingProxyOptions {
  readonly target: string;
  readonly onCall: (call: CountedCall) => void;
}

/** Stands before an emulator and tells of every call that it answers, as it answers. */
export async function countingProxy({
  target,
  onCall,
}: CountingProxyOptions): Promise<CountingProxy> {
  const { hostname, port } = new URL(target);
  const handle = async (incoming: IncomingMessage, answer: ServerResponse): Promise<void> => {
    const body = await buffer(incoming);
    const { method = "POST", url: path = "/", headers } = incoming;
    const outgoing = forward({ hostname, port, method, path, headers });
    outgoing.end(body);
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    const answered = await buffer(response);
    const { statusCode: status = 500 } = response;
    // Told before the caller goes on: whoever waits for an effect finds its call counted.
    onCall({
      ...describe(incoming, { body, answered }),
      path,
      requestBytes: body.length,
      responseBytes: answered.length,
      status,
    });
    answer.writeHead(status, response.headers);
    answer.end(answered);
  };
  const server = createServer((incoming, answer) => {
    handle(incoming, answer).catch(() => answer.destroy());
  });
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

interface Bodies {
  readonly body: Buffer;
  readonly answered: Buffer;
}

function describe(
  { headers, method, url = "/" }: IncomingMessage,
  { body, answered }: Bodies,
): Pick<CountedCall, "name" | "input" | "output"> {
  const target = headers["x-amz-target"];
  if (typeof target !== "string") {
    const isObject = /^[/][^/?]+[/][^?]/.test(url);
    return {
      name: `${method} ${isObject ? "object" : "bucket"}`,
      input: undefined,
      output: undefined,
    };
  }
  const parsed = (bytes: Buffer): unknown => JSON.parse(bytes.toString() || "{}");
  return { name: target.replace(/^.*[.]/, ""), input: parsed(body), output: parsed(answered) };
}
