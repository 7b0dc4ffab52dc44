import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  deployLocal,
  type LocalDeployment,
  startEmulators,
  synthesize,
} from "../../../localstack/index.ts";
import { localClientIdentity } from "../../../localstack/emulators/emulators.ts";
import type { LambdaFunction } from "../../../localstack/lambda/lambda-function.ts";
import { awsClients, closeClients } from "../../../runtime/aws/clients.ts";
import { kinesisStreamWriter } from "../../../runtime/aws/kinesis-stream-writer.ts";
import { deleteResources, deletersOf } from "./delete-resources.ts";
import { type FaultProxy, faultProxy, type FaultProxyOptions } from "./fault-proxy.ts";
import { startKilling } from "./kill.ts";
import { seededFractions } from "./seeded-fractions.ts";
import { coordinatorMiB, processMiB } from "./memory.ts";
import type { DeployedStack, Invocations, World } from "./world.ts";

export interface LocalWorldOptions {
  readonly seed: number;
  /** Share of the calls of functions, mappings and retrying producers that are throttled. 0: no faults at all. */
  readonly faultFraction: number;
  /** How often all connections are cut. */
  readonly resetEveryMs: number;
  /** Mean time between kills of a function's environment. */
  readonly killEveryMs: number;
  readonly killsMax: number;
  /** Share of the batches that come again. */
  readonly redeliveryFraction: number;
  /** How often a rule starts the coordinator: a minute on AWS, where a killed one is missed for as long. */
  readonly ruleEveryMs: number;
  /** Environments of each function. */
  readonly maxEnvironments: number;
}

export const calm = {
  seed: 1,
  faultFraction: 0,
  resetEveryMs: Infinity,
  killEveryMs: Infinity,
  killsMax: 0,
  redeliveryFraction: 0,
  ruleEveryMs: 60_000,
  maxEnvironments: 3,
} satisfies LocalWorldOptions;

const endpointVariable = {
  kinesis: "AWS_ENDPOINT_URL_KINESIS",
  dynamodb: "AWS_ENDPOINT_URL_DYNAMODB",
  s3: "AWS_ENDPOINT_URL_S3",
} as const satisfies Readonly<Record<FaultProxyOptions["service"], string>>;

const services = ["kinesis", "dynamodb", "s3"] as const;

/** Emulators, the real bundles under Lambda's runtime client, and whatever can go wrong between them. */
export async function localWorld(options: LocalWorldOptions): Promise<World> {
  const random = seededFractions(options.seed);
  const emulators = await startEmulators();
  const urlOf = (service: (typeof services)[number]): string => emulators.servers[service].url;
  const proxies = await Promise.all(
    services.map((service) =>
      faultProxy({ service, target: urlOf(service), fraction: options.faultFraction, random }),
    ),
  );
  const faulty = Object.fromEntries(
    services.map((service, index) => [endpointVariable[service], proxies[index]!.url]),
  );
  const clients = awsClients({
    ...localClientIdentity,
    endpoints: { kinesis: urlOf("kinesis"), dynamodb: urlOf("dynamodb"), s3: urlOf("s3") },
  });
  const producers = awsClients({
    ...localClientIdentity,
    endpoints: { kinesis: proxies[0]!.url },
  });
  const folder = await mkdtemp(join(tmpdir(), "millrace-conformance-"));
  const deployments: LocalDeployment[] = [];
  const resetting = every(options.resetEveryMs, () => {
    for (const proxy of proxies) proxy.reset();
  });
  const functions = (): readonly LambdaFunction[] =>
    deployments.flatMap((deployment) => [...deployment.functions.values()]);
  const killing = startKilling({
    everyMs: options.killEveryMs,
    max: options.killsMax,
    random,
    functions,
  });
  return {
    name: "this machine",
    clients,
    producersWriter: kinesisStreamWriter({ client: producers.kinesis }),
    variables: emulators.variables,
    deploy: async ({ app, job }) => {
      const place = join(folder, job);
      const assembly = await synthesize({ app, folder: join(place, "cdk.out") });
      const deployment = await deployLocal({
        assembly,
        variables: { ...emulators.variables, ...faulty },
        logFolder: join(place, "logs"),
        maxEnvironments: options.maxEnvironments,
        ruleEveryMs: options.ruleEveryMs,
        tuning: {
          pollMs: 200,
          shardListMs: 500,
          redeliveryFraction: options.redeliveryFraction,
        },
      });
      deployments.push(deployment);
      const outputsFile = join(place, "outputs.json");
      await writeFile(outputsFile, JSON.stringify({ [assembly.name]: deployment.outputs }));
      return stackOf(deployment, { app, place, outputsFile });
    },
    kills: () => [...killing.kills.values()].reduce((sum, count) => sum + count, 0),
    figures: () => [
      ...[...killing.kills].map(([name, count]) => [`kills of ${name}`, String(count)] as const),
      ["batches that came again", String(redeliveriesOf(deployments))],
      ...services.map((service, index) => [service, faultsText(proxies[index]!)] as const),
    ],
    close: async () => {
      clearInterval(resetting);
      killing.stop();
      await Promise.all(deployments.map((deployment) => deployment.stop()));
      const resources = deployments.flatMap((deployment) => deployment.resources);
      await deleteResources(
        deletersOf(clients),
        resources.map(({ type, names }) => ({ type, name: names.ref })),
      );
      closeClients(clients);
      closeClients(producers);
      for (const proxy of proxies) proxy.close();
      await emulators.stop();
      if (process.env["MILLRACE_KEEP"] === undefined)
        await rm(folder, { recursive: true, force: true });
    },
  };
}

interface StackPlace {
  readonly app: string;
  readonly place: string;
  readonly outputsFile: string;
}

function stackOf(
  deployment: LocalDeployment,
  { app, place, outputsFile }: StackPlace,
): DeployedStack {
  const named = (part: string): LambdaFunction =>
    [...deployment.functions.values()].find(({ name }) => name.includes(part))!;
  let versions = 0;
  return {
    outputsFile,
    redeploy: async (variables) => {
      versions += 1;
      const folder = join(place, `cdk.out-${versions}`);
      deployment.redeploy(await synthesize({ app, folder, variables }));
    },
    invokeProcess: async (payload) => (await named("Process").invoke(payload)).payload,
    invocations: async () => invocationsOf(named("Process"), named("Coordinator")),
  };
}

function invocationsOf(process: LambdaFunction, coordinator: LambdaFunction): Invocations {
  const { invocations, errors, coldStartsMs, durationsMs } = process.figures();
  const { invocations: rounds, durationsMs: roundsMs } = coordinator.figures();
  const gibSeconds =
    (sum(durationsMs) / 1_000) * (processMiB / 1_024) +
    (sum(roundsMs) / 1_000) * (coordinatorMiB / 1_024);
  return {
    process: invocations,
    coordinator: rounds,
    errors,
    usage: { invocations: invocations + rounds, gibSeconds },
    coldStartsMs,
    durationsMs,
  };
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

function redeliveriesOf(deployments: readonly LocalDeployment[]): number {
  return deployments
    .flatMap(({ mappings }) => mappings)
    .reduce((sum, { figures }) => sum + figures.redeliveries, 0);
}

function faultsText({ figures }: FaultProxy): string {
  const { calls, throttled, failed, slow, reset } = figures;
  return `${calls} calls, ${throttled} throttled, ${failed} failed, ${slow} slow, ${reset} connections cut`;
}

/** Nothing at all where the time is infinite. */
function every(ms: number, act: () => void): NodeJS.Timeout | undefined {
  return ms === Infinity ? undefined : setInterval(act, ms);
}
