import { once } from "node:events";
import {
  Agent,
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** Stands before an emulator and fails as AWS does where it is busy; no emulator does that itself. */
export interface FaultProxy {
  readonly url: string;
  readonly figures: FaultFigures;
  /** Cuts all connections, whatever is under way in them. */
  reset(): void;
  close(): void;
}

export interface FaultFigures {
  calls: number;
  throttled: number;
  failed: number;
  slow: number;
  /** Connections that were cut. */
  reset: number;
}

export interface FaultProxyOptions {
  readonly target: string;
  readonly service: "kinesis" | "dynamodb" | "s3";
  /** Share of the calls that are throttled; a fifth of it fails with 500, and another fifth is slow. */
  readonly fraction: number;
  readonly random: () => number;
}

const slowMs = 1_500;

export async function faultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const { fraction, random, service } = options;
  const figures: FaultFigures = { calls: 0, throttled: 0, failed: 0, slow: 0, reset: 0 };
  const pass = passTo(options.target);
  const server = createServer((incoming, answer) => {
    figures.calls += 1;
    const drawn = random() / fraction;
    if (drawn < 1) {
      figures.throttled += 1;
      refuse(incoming, answer, throttling[service]);
    } else if (drawn < 1.2) {
      figures.failed += 1;
      refuse(incoming, answer, failure[service]);
    } else if (drawn < 1.4) {
      figures.slow += 1;
      setTimeout(() => pass(incoming, answer), slowMs);
    } else pass(incoming, answer);
  });
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    figures,
    reset: () => {
      figures.reset += sockets.size;
      for (const socket of sockets) socket.resetAndDestroy();
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

type Handler = (incoming: IncomingMessage, answer: ServerResponse) => void;

function passTo(target: string): Handler {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  return (incoming, answer) => {
    const { method = "POST", url: path = "/", headers } = incoming;
    const outgoing = forward({ agent, hostname, port, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
    });
    outgoing.on("error", () => answer.destroy());
    incoming.on("error", () => outgoing.destroy());
    incoming.pipe(outgoing);
  };
}

interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function refuse(incoming: IncomingMessage, answer: ServerResponse, refusal: Refusal): void {
  incoming.resume();
  incoming.on("end", () => {
    answer.writeHead(refusal.status, { "content-type": refusal.type });
    answer.end(refusal.body);
  });
}

const json = (status: number, __type: string): Refusal => ({
  status,
  type: "application/x-amz-json-1.1",
  body: JSON.stringify({ __type, message: "made by a test" }),
});

const xml = (status: number, code: string): Refusal => ({
  status,
  type: "application/xml",
  body: `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>made by a test</Message></Error>`,
});

/** As each service answers where a shard, a table or a prefix is too busy. */
const throttling: Readonly<Record<FaultProxyOptions["service"], Refusal>> = {
  kinesis: json(400, "ProvisionedThroughputExceededException"),
  dynamodb: json(400, "ProvisionedThroughputExceededException"),
  s3: xml(503, "SlowDown"),
};

const failure: Readonly<Record<FaultProxyOptions["service"], Refusal>> = {
  kinesis: json(500, "InternalFailure"),
  dynamodb: json(500, "InternalServerError"),
  s3: xml(500, "InternalError"),
};
