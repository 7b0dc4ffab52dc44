import type { ChildServer } from "./child-server.ts";
import { startDynamodbLocal } from "./dynamodb-local.ts";
import { startKinesalite } from "./kinesalite.ts";
import { startMoto } from "./moto.ts";

/** What stands for AWS on this machine. */
export interface Emulators {
  readonly servers: { readonly [service in EmulatedService]: ChildServer };
  /** What leads the AWS SDK there, in any process. */
  readonly variables: Readonly<Record<string, string>>;
  /** Kills all of them by their handles. */
  stop(): Promise<void>;
}

export type EmulatedService = "dynamodb" | "kinesis" | "s3";

/** Ports of 127.0.0.1. Default: any that are free. */
export type EmulatorPorts = Partial<Readonly<Record<EmulatedService, number>>>;

/** Region and credentials that every emulator takes. */
export const localIdentity = {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
} as const;

/** The same, as an SDK client takes it. */
export const localClientIdentity = {
  region: localIdentity.AWS_REGION,
  credentials: {
    accessKeyId: localIdentity.AWS_ACCESS_KEY_ID,
    secretAccessKey: localIdentity.AWS_SECRET_ACCESS_KEY,
  },
} as const;

export const localAccount = "000000000000";

/**
 * Starts one emulator per service, side by side; if one fails, none is left.
 * @throws deployment errors `emulator-not-installed` and `emulator-not-started`
 */
export async function startEmulators(ports: EmulatorPorts = {}): Promise<Emulators> {
  const starting = {
    dynamodb: startDynamodbLocal(ports.dynamodb),
    kinesis: startKinesalite(ports.kinesis),
    s3: startMoto(ports.s3),
  };
  const outcomes = await Promise.allSettled(Object.values(starting));
  const started = outcomes.flatMap((outcome) =>
    outcome.status === "fulfilled" ? [outcome.value] : [],
  );
  const stop = async (): Promise<void> =>
    void (await Promise.all(started.map((server) => server.stop())));
  for (const outcome of outcomes)
    if (outcome.status === "rejected") {
      await stop();
      throw outcome.reason;
    }
  const [dynamodb, kinesis, s3] = started as [ChildServer, ChildServer, ChildServer];
  return {
    servers: { dynamodb, kinesis, s3 },
    variables: {
      ...localIdentity,
      AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url,
      AWS_ENDPOINT_URL_KINESIS: kinesis.url,
      AWS_ENDPOINT_URL_S3: s3.url,
      // moto's CloudFormation makes what moto has; the others are provisioned in their own emulators.
      AWS_ENDPOINT_URL_CLOUDFORMATION: s3.url,
    },
    stop,
  };
}
