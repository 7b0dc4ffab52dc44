import { once } from "node:events";
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

export interface ThrottlingProxy {
  readonly url: string;
  readonly throttled: () => number;
  close(): void;
}

export interface ThrottlingProxyOptions {
  readonly target: string;
  /** Share of the calls that are refused. */
  readonly fraction: number;
  readonly random: () => number;
}

/** Stands before an emulator of Kinesis or DynamoDB and refuses calls as AWS does where a shard or table is too busy; none does that itself. */
export async function throttlingProxy(options: ThrottlingProxyOptions): Promise<ThrottlingProxy> {
  const { fraction, random } = options;
  const target = new URL(options.target);
  let throttled = 0;
  const handle = (incoming: IncomingMessage, answer: ServerResponse): void => {
    if (random() < fraction) {
      throttled += 1;
      incoming.resume();
      answer.writeHead(400, { "content-type": "application/x-amz-json-1.1" });
      answer.end(
        JSON.stringify({
          __type: "ProvisionedThroughputExceededException",
          message: "Rate exceeded",
        }),
      );
      return;
    }
    const { method = "POST", url: path = "/", headers } = incoming;
    const { hostname, port } = target;
    const outgoing = forward({ hostname, port, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    });
    outgoing.on("error", () => answer.destroy());
    incoming.pipe(outgoing);
  };
  const server = createServer(handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    throttled: () => throttled,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
