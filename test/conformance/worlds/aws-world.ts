import {
  CloudFormationClient,
  paginateListStackResources,
  type StackResourceSummary,
} from "@aws-sdk/client-cloudformation";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageFolder } from "../../../bundle/package-folder.ts";
import { awsClients, closeClients } from "../../../runtime/aws/clients.ts";
import { kinesisStreamWriter } from "../../../runtime/aws/kinesis-stream-writer.ts";
import { deleteResources, type StackResource } from "./delete-resources.ts";
import { invocationsOf } from "./stack-metrics.ts";
import type { DeployedStack, World } from "./world.ts";

/**
 * A real account, by the SDK's own chain of credentials and region: apps go there and away by the product's commands. Nothing is killed
 * or throttled, which nobody can order from AWS.
 */
export async function awsWorld(say: (line: string) => void): Promise<World> {
  const clients = awsClients();
  const aws = {
    cloudFormation: new CloudFormationClient({}),
    cloudWatch: new CloudWatchClient({}),
    lambda: new LambdaClient({}),
  };
  const folder = await mkdtemp(join(tmpdir(), "millrace-conformance-"));
  const deployed: { readonly app: string; readonly resources: readonly StackResource[] }[] = [];
  return {
    name: "AWS",
    clients,
    producersWriter: kinesisStreamWriter({ client: clients.kinesis }),
    variables: {},
    kills: () => 0,
    figures: () => [["kills and throttling", "none: nobody can order them from AWS"]],
    deploy: async ({ app, job }) => {
      const startedMs = Date.now();
      const outputsFile = join(folder, `${job}.json`);
      const deploy = ["deploy", app, "--outputs", outputsFile, "--require-approval", "never"];
      await millrace(deploy);
      const resources = await resourcesOf(aws.cloudFormation, await stackIn(outputsFile));
      deployed.push({ app, resources: resources.map(toResource) });
      return stackOf({ ...aws, resources, outputsFile, startedMs, deploy });
    },
    close: async () => {
      for (const { app, resources } of deployed) {
        await millrace(["destroy", app, "--", "--force"]);
        for (const line of await deleteResources(clients, resources)) say(`deleted ${line}`);
      }
      closeClients(clients);
      for (const client of Object.values(aws)) client.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface StackOptions {
  readonly cloudWatch: CloudWatchClient;
  readonly lambda: LambdaClient;
  readonly resources: readonly StackResourceSummary[];
  readonly outputsFile: string;
  readonly startedMs: number;
  /** Arguments of the command that deployed it. */
  readonly deploy: readonly string[];
}

function stackOf({
  cloudWatch,
  lambda,
  resources,
  outputsFile,
  startedMs,
  deploy,
}: StackOptions): DeployedStack {
  const functionNamed = (part: string): string =>
    resources.find(
      ({ ResourceType, LogicalResourceId }) =>
        ResourceType === "AWS::Lambda::Function" && LogicalResourceId?.includes(part),
    )!.PhysicalResourceId!;
  const [process, coordinator] = [functionNamed("Process"), functionNamed("Coordinator")];
  return {
    outputsFile,
    redeploy: (variables) => millrace(deploy, variables),
    invokeProcess: async (payload) => {
      const answer = await lambda.send(
        new InvokeCommand({ FunctionName: process, Payload: new TextEncoder().encode(payload) }),
      );
      return new TextDecoder().decode(answer.Payload);
    },
    invocations: () =>
      invocationsOf(cloudWatch, {
        process,
        coordinator,
        startedMs,
        resources: resources.map(toResource),
      }),
  };
}

async function stackIn(outputsFile: string): Promise<string> {
  const outputs = JSON.parse(await readFile(outputsFile, "utf8")) as object;
  return Object.keys(outputs)[0]!;
}

async function resourcesOf(
  client: CloudFormationClient,
  StackName: string,
): Promise<readonly StackResourceSummary[]> {
  const resources: StackResourceSummary[] = [];
  for await (const page of paginateListStackResources({ client }, { StackName }))
    resources.push(...(page.StackResourceSummaries ?? []));
  return resources;
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
