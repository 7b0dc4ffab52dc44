import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { S3Client } from "@aws-sdk/client-s3";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

/** One client per service, shared by every adapter of the process. */
export interface AwsClients {
  readonly dynamodb: DynamoDBClient;
  readonly kinesis: KinesisClient;
  readonly s3: S3Client;
}

export interface AwsClientOptions {
  /** Default: AWS_REGION, as Lambda sets it. */
  readonly region?: string;
  /** Default: what the SDK finds; in Lambda the role of the function. */
  readonly credentials?: AwsCredentials;
  /** URL of each service. Default: AWS's own, or what AWS_ENDPOINT_URL and AWS_ENDPOINT_URL_<SERVICE> say. */
  readonly endpoints?: {
    readonly dynamodb?: string;
    readonly kinesis?: string;
    readonly s3?: string;
  };
  /** Tries of one call, the first included, before the error reaches the caller. Default: 4. */
  readonly maxAttempts?: number;
  /** Factor of all time-outs. Default: 1, and 10 for a service with an endpoint of its own: emulators share their machine. */
  readonly patience?: number;
}

export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

const defaultMaxAttempts = 4;
const connectionTimeoutMs = 1_000;
/**
 * How long one try of a call may take: longer than any healthy one, and shorter than the coordinator's lease, so that a connection
 * that hangs does not cost it. A GetRecords of 10 MB takes about one second.
 */
export const requestTimeoutsMs = { dynamodb: 1_000, kinesis: 5_000, s3: 5_000 };
const maxSockets = 128;

/** Makes the three clients; call it once per process, outside the handler, so that connections are kept. */
export function awsClients(options: AwsClientOptions = {}): AwsClients {
  const shared = {
    maxAttempts: options.maxAttempts ?? defaultMaxAttempts,
    ...(options.region === undefined ? {} : { region: options.region }),
    ...(options.credentials === undefined ? {} : { credentials: options.credentials }),
  };
  const at = (endpoint: string | undefined) => (endpoint === undefined ? {} : { endpoint });
  const { dynamodb, kinesis, s3 } = options.endpoints ?? {};
  const handlerOf = (service: Service): NodeHttpHandler =>
    httpHandler(
      requestTimeoutsMs[service],
      options.patience ?? (hasOwnEndpoint(service, options.endpoints?.[service]) ? 10 : 1),
    );
  return {
    dynamodb: new DynamoDBClient({
      ...shared,
      ...at(dynamodb),
      requestHandler: handlerOf("dynamodb"),
    }),
    // The client's own default is HTTP/2, which no emulator speaks; GetRecords gains nothing from it.
    kinesis: new KinesisClient({
      ...shared,
      ...at(kinesis),
      requestHandler: handlerOf("kinesis"),
    }),
    s3: new S3Client({
      ...shared,
      ...at(s3),
      requestHandler: handlerOf("s3"),
      forcePathStyle: hasOwnEndpoint("s3", s3),
    }),
  };
}

/** Closes the kept connections; nothing can be called afterwards. */
export function closeClients(clients: AwsClients): void {
  clients.dynamodb.destroy();
  clients.kinesis.destroy();
  clients.s3.destroy();
}

function httpHandler(requestTimeoutMs: number, patience: number): NodeHttpHandler {
  const handler = new NodeHttpHandler({
    httpAgent: new HttpAgent({ keepAlive: true, maxSockets }),
    httpsAgent: new HttpsAgent({ keepAlive: true, maxSockets }),
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs * patience,
    throwOnRequestTimeout: true,
  });
  const handle = handler.handle.bind(handler);
  // Some calls bring a time-out of their own: patience is with these as well.
  handler.handle = (request, callOptions) => {
    const own = callOptions?.requestTimeout;
    return handle(
      request,
      own === undefined ? callOptions : { ...callOptions, requestTimeout: own * patience },
    );
  };
  return handler;
}

type Service = keyof AwsClients;

/** An emulator, which has no DNS name per bucket either. */
function hasOwnEndpoint(service: Service, endpoint: string | undefined): boolean {
  const own = process.env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`];
  return (endpoint ?? own ?? process.env["AWS_ENDPOINT_URL"]) !== undefined;
}
