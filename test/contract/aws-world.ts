import dynalite from "dynalite";
import kinesalite from "kinesalite";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { awsClients, closeClients, type AwsClients } from "../../runtime/aws/clients.ts";
import { type AwsAdmin, awsAdmin } from "./aws-admin.ts";
import { s3Server, type S3Server } from "./s3-server.ts";

/** The emulators that run in this process, and clients that speak to them. */
export interface AwsWorld extends AwsAdmin {
  readonly clients: AwsClients;
  readonly s3: S3Server;
  /** What leads the AWS SDK of another process here. */
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function awsWorld(options: { readonly pageKeysMax?: number } = {}): Promise<AwsWorld> {
  const s3 = s3Server(options);
  const servers = [
    dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 }),
    kinesalite({ createStreamMs: 1, deleteStreamMs: 1, updateStreamMs: 1, shardLimit: 1_000 }),
    s3.server,
  ] as const;
  const [dynamodb, kinesis, objects] = await Promise.all(servers.map(listening));
  const clients = awsClients({
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    endpoints: { dynamodb: dynamodb!, kinesis: kinesis!, s3: objects! },
    maxAttempts: 2,
    // A put that is given up and sent again has been applied already, and is superseded by itself.
    patience: 600,
  });
  return {
    clients,
    s3,
    variables: {
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb!,
      AWS_ENDPOINT_URL_KINESIS: kinesis!,
      AWS_ENDPOINT_URL_S3: objects!,
    },
    ...awsAdmin(clients),
    async close() {
      closeClients(clients);
      await Promise.all(servers.map(closed));
    },
  };
}

function listening(server: Server): Promise<string> {
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () =>
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
