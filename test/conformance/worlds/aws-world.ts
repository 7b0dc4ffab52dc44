import {
  CloudFormationClient,
  paginateListStackResources,
  type StackResourceSummary,
} from "@aws-sdk/client-cloudformation";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { synthesize } from "../../../localstack/index.ts";
import { packageFolder } from "../../../bundle/package-folder.ts";
import { awsClients, closeClients } from "../../../runtime/aws/clients.ts";
import { kinesisStreamWriter } from "../../../runtime/aws/kinesis-stream-writer.ts";
import { isNamed } from "../../../runtime/aws/aws-errors.ts";
import { systemClock } from "../../../runtime/node/system-environment.ts";
import { messageOf } from "../../../runtime/errors/millrace-error.ts";
import { deleteResources, deletersOf, logGroupDeleter } from "./delete-resources.ts";
import { settled } from "./settled.ts";
import { createStacks, type StackOperations, type StackResource } from "./stacks.ts";
import { invocationsOf } from "./stack-metrics.ts";
import type { DeployedStack, World } from "./world.ts";

/** An account describes what it has only so often a second, whoever asks: the SDK waits and asks again. */
const patient = { maxAttempts: 10, retryMode: "adaptive" } as const;

/**
 * A real account, by the SDK's own chain of credentials and region: apps go there and away by the product's commands. Nothing is killed
 * or throttled, which nobody can order from AWS.
 */
export async function awsWorld(say: (line: string) => void): Promise<World> {
  const clients = awsClients({ maxAttempts: patient.maxAttempts });
  const aws = {
    cloudFormation: new CloudFormationClient(patient),
    cloudWatch: new CloudWatchClient(patient),
    lambda: new LambdaClient(patient),
    logs: new CloudWatchLogsClient(patient),
  };
  const folder = await mkdtemp(join(tmpdir(), "millrace-conformance-"));
  const deleters = { ...deletersOf(clients), ...logGroupDeleter(aws.logs) };
  const stacks = createStacks({
    ...commands(aws.cloudFormation, folder),
    deleteResources: (resources) => deleteResources(deleters, resources),
  });
  return {
    name: "AWS",
    clients,
    producersWriter: kinesisStreamWriter({ client: clients.kinesis }),
    variables: {},
    kills: () => 0,
    figures: () => [["kills and throttling", "none: nobody can order them from AWS"]],
    deploy: async ({ app }) => {
      const startedMs = Date.now();
      await stacks.deploy(app);
      const resources = await resourcesOf(aws.cloudFormation, await stackName(folder, app));
      return stackOf({
        ...aws,
        resources,
        outputsFile: outputsIn(folder, app),
        startedMs,
        redeploy: (variables) => stacks.deploy(app, variables),
      });
    },
    close: async () => {
      try {
        for (const line of await stacks.remove()) say(`deleted ${line}`);
      } finally {
        closeClients(clients);
        for (const client of Object.values(aws)) client.destroy();
        await rm(folder, { recursive: true, force: true });
      }
    },
  };
}

/** By the product's own command line. */
function commands(
  cloudFormation: CloudFormationClient,
  folder: string,
): Omit<StackOperations, "deleteResources"> {
  return {
    deploy: (app, variables) =>
      millrace(
        ["deploy", app, "--outputs", outputsIn(folder, app), "--require-approval", "never"],
        variables,
      ),
    destroy: (app) => millrace(["destroy", app, "--", "--force"]),
    resourcesOf: async (app) =>
      (await resourcesOf(cloudFormation, await stackName(folder, app))).map(toResource),
  };
}

/** Apps of examples have their file's name in common. */
const nameOf = (app: string): string => basename(dirname(app));
const outputsIn = (folder: string, app: string): string => join(folder, `${nameOf(app)}.json`);

/** Of the app and not of what a deployment tells: one that has failed tells nothing. */
async function stackName(folder: string, app: string): Promise<string> {
  return (await synthesize({ app, folder: join(folder, `${nameOf(app)}-assembly`) })).name;
}

interface StackOptions {
  readonly cloudWatch: CloudWatchClient;
  readonly lambda: LambdaClient;
  readonly resources: readonly StackResourceSummary[];
  readonly outputsFile: string;
  readonly startedMs: number;
  readonly redeploy: DeployedStack["redeploy"];
}

function stackOf({
  cloudWatch,
  lambda,
  resources,
  outputsFile,
  startedMs,
  redeploy,
}: StackOptions): DeployedStack {
  const functionNamed = (part: string): string =>
    resources.find(
      ({ ResourceType, LogicalResourceId }) =>
        ResourceType === "AWS::Lambda::Function" && LogicalResourceId?.includes(part),
    )!.PhysicalResourceId!;
  const [process, coordinator] = [functionNamed("Process"), functionNamed("Coordinator")];
  return {
    outputsFile,
    redeploy,
    invokeProcess: async (payload) => {
      const answer = await lambda.send(
        new InvokeCommand({ FunctionName: process, Payload: new TextEncoder().encode(payload) }),
      );
      return new TextDecoder().decode(answer.Payload);
    },
    invocations: () => {
      const endedMs = Date.now();
      const options = { process, coordinator, resources: resources.map(toResource) };
      return settled(systemClock, () =>
        invocationsOf(cloudWatch, { ...options, startedMs, endedMs }),
      );
    },
  };
}

/** None where there is no such stack. */
async function resourcesOf(
  client: CloudFormationClient,
  StackName: string,
): Promise<readonly StackResourceSummary[]> {
  const resources: StackResourceSummary[] = [];
  try {
    for await (const page of paginateListStackResources({ client }, { StackName }))
      resources.push(...(page.StackResourceSummaries ?? []));
  } catch (thrown) {
    if (!isNamed(thrown, "ValidationError") || !messageOf(thrown).includes("does not exist"))
      throw thrown;
  }
  // What could not be created has no name.
  return resources.filter(({ PhysicalResourceId = "" }) => PhysicalResourceId !== "");
}

function toResource({ ResourceType, PhysicalResourceId }: StackResourceSummary): StackResource {
  return { type: ResourceType!, name: PhysicalResourceId! };
}

/** Runs a command of the product before the eyes of whoever started this. */
async function millrace(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  const child = spawn(process.execPath, [join(packageFolder, "cli/millrace.ts"), ...args], {
    env: { ...process.env, ...variables },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`millrace ${args.join(" ")} ended with ${code}.`);
}
