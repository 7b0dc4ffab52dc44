import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from "@aws-sdk/client-cloudformation";
import { ListStreamsCommand } from "@aws-sdk/client-kinesis";
import { GetFunctionCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type StackAssembly, synthesize } from "../../localstack/index.ts";
import {
  type ResolveContext,
  type ResourceNames,
  resolveValue,
} from "../../localstack/deployment/template.ts";
import { namesOf } from "../../localstack/deployment/resource-names.ts";
import type { ChildServer } from "../../localstack/emulators/child-server.ts";
import {
  localAccount,
  localClientIdentity,
  localIdentity,
} from "../../localstack/emulators/emulators.ts";
import { startMoto } from "../../localstack/emulators/moto.ts";
import { awsClients, type AwsClients, closeClients } from "../../runtime/aws/clients.ts";
import { root } from "../unit/tidy/sources.ts";
import { type Bootstrapped, bootstrapped, type Published } from "./bootstrapped.ts";
import { madeByMoto, type MotoWorld, type Properties } from "./made-by-moto.ts";
import { motoCalls } from "./moto-calls.ts";

/** Apps, and what they may become. */
const apps = [
  {
    name: "flight-delays",
    app: "examples/flight-delays/app.ts",
    changed: { app: "test/localstack/larger-flight-delays.ts" },
  },
  {
    name: "orders-dashboard",
    app: "examples/orders-dashboard/app.ts",
    changed: {
      app: "examples/orders-dashboard/app.ts",
      variables: { ORDERS_ENTRY: "job-with-average.ts" },
    },
  },
];

/** moto lists these, without a name, and makes nothing (docs/emulators.md). */
const leftOut = new Set([
  "AWS::S3::BucketPolicy",
  "AWS::Lambda::EventInvokeConfig",
  "AWS::Scheduler::Schedule",
]);
/** CloudFormation takes so much in the call itself; what is larger goes by a URL. */
const templateBodyMaxBytes = 51_200;

let server: ChildServer;
let folder: string;
let clients: AwsClients;
let lambda: LambdaClient;
let cloudFormation: CloudFormationClient;
let world: MotoWorld;
let bootstrap: Bootstrapped;

beforeAll(async () => {
  server = await startMoto();
  folder = await mkdtemp(join(tmpdir(), "millrace-cloudformation-"));
  const { url } = server;
  clients = awsClients({
    ...localClientIdentity,
    endpoints: { dynamodb: url, kinesis: url, s3: url },
  });
  lambda = new LambdaClient({ ...localClientIdentity, endpoint: url });
  cloudFormation = new CloudFormationClient({ ...localClientIdentity, endpoint: url });
  world = { clients, lambda, moto: motoCalls(url) };
  bootstrap = await bootstrapped(clients.s3, world.moto);
});
afterAll(async () => {
  closeClients(clients);
  lambda.destroy();
  cloudFormation.destroy();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Prepared {
  readonly assembly: StackAssembly;
  /** The file as the CDK wrote it. */
  readonly text: string;
  readonly published: Published;
}

interface Version {
  readonly app: string;
  readonly variables?: Readonly<Record<string, string>>;
}

async function prepared({ app, ...version }: Version, name: string): Promise<Prepared> {
  const into = join(folder, name);
  const assembly = await synthesize({ ...version, app: join(root, app), folder: into });
  const text = await readFile(join(into, `${assembly.name}.template.json`), "utf8");
  return { assembly, text, published: await bootstrap.publish(into, assembly.name) };
}

async function stackOf(StackName: string) {
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
  return Stacks![0]!;
}

test.each(apps)(
  "the template of $name, as the CDK wrote it, is created, updated and deleted by moto's CloudFormation",
  async ({ name, app, changed }) => {
    const first = await prepared({ app }, name);
    const StackName = first.assembly.name;
    const template =
      Buffer.byteLength(first.text) > templateBodyMaxBytes
        ? { TemplateURL: first.published.templateUrl }
        : { TemplateBody: first.text };
    const Capabilities = ["CAPABILITY_IAM" as const];
    await cloudFormation.send(new CreateStackCommand({ StackName, Capabilities, ...template }));
    expect((await stackOf(StackName)).StackStatus).toBe("CREATE_COMPLETE");
    const names = await expectMade(first);

    const second = await prepared(changed, `${name}-changed`);
    expect(second.text).not.toBe(first.text);
    const TemplateURL = second.published.templateUrl;
    await cloudFormation.send(new UpdateStackCommand({ StackName, Capabilities, TemplateURL }));
    expect((await stackOf(StackName)).StackStatus).toBe("UPDATE_COMPLETE");
    // Nothing was made anew: an update that replaces a stream or a table loses what is in it.
    expect(await expectMade(second)).toEqual(names);

    await cloudFormation.send(new DeleteStackCommand({ StackName }));
    await expect(stackOf(StackName)).rejects.toThrow("does not exist");
    expect((await lambda.send(new ListFunctionsCommand({}))).Functions).toEqual([]);
    // moto knows "Retain" only: what holds data stays on AWS, and goes here (docs/emulators.md).
    const { StreamNames } = await clients.kinesis.send(new ListStreamsCommand({}));
    expect(StreamNames!.filter((stream) => stream.startsWith(StackName))).toEqual([]);
  },
);

/** Holds every resource and output of a stack against its template; answers the resources' names. */
async function expectMade({ assembly, published }: Prepared): Promise<object> {
  const context = await contextOf(assembly);
  for (const [logicalId, { Type, Properties: told = {} }] of Object.entries(
    assembly.template.Resources,
  )) {
    if (leftOut.has(Type)) continue;
    const ref = context.resources.get(logicalId)!.ref;
    const properties = resolveValue(told, context) as Properties;
    const made = await madeByMoto[Type]!(world, { ref, properties });
    const wanted = Object.keys(made).map((name) => [name, properties[name]]);
    expect(made, `${Type} ${logicalId}`).toEqual(Object.fromEntries(wanted));
    if (Type === "AWS::Lambda::Function") {
      const { Configuration } = await lambda.send(new GetFunctionCommand({ FunctionName: ref }));
      const { S3Key } = properties["Code"] as { readonly S3Key: string };
      expect(Configuration!.CodeSha256).toBe(published.hashes.get(S3Key));
    }
  }
  const { Outputs = [] } = await stackOf(assembly.name);
  const outputs = Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]);
  const wanted = Object.entries(assembly.template.Outputs!).map(([id, { Value }]) => [
    id,
    resolveValue(Value, context),
  ]);
  expect(Object.fromEntries(outputs)).toEqual(Object.fromEntries(wanted));
  const connection = wanted.find(([id]) => String(id).startsWith("PipelineConnection"))![1];
  expect(JSON.parse(String(connection))).toMatchObject({ AWS_REGION: "us-east-1" });
  return Object.fromEntries(context.resources);
}

/** What `Ref` and `Fn::GetAtt` come to in moto; every resource has to be listed and complete. */
async function contextOf({ name, template }: StackAssembly): Promise<ResolveContext> {
  const answer = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName: name }));
  const listed = answer.StackResources!;
  expect(listed).toHaveLength(Object.keys(template.Resources).length);
  expect([...new Set(listed.map(({ ResourceStatus }) => ResourceStatus))]).toHaveLength(1);
  const named = listed.filter(({ LogicalResourceId }) => LogicalResourceId !== undefined);
  const unnamed = Object.keys(template.Resources)
    .filter((id) => !named.some(({ LogicalResourceId }) => LogicalResourceId === id))
    .map((id) => template.Resources[id]!.Type);
  expect(new Set(unnamed)).toEqual(leftOut);
  const resources = named.map(
    ({ LogicalResourceId: id, PhysicalResourceId: ref = "", ResourceType: type = "" }) =>
      [id!, namesInMoto(type, ref)] as const,
  );
  return {
    account: localAccount,
    region: localIdentity.AWS_REGION,
    stack: name,
    resources: new Map(resources),
  };
}

function namesInMoto(type: string, ref: string): ResourceNames {
  const place = `${localIdentity.AWS_REGION}:${localAccount}`;
  const arns: Readonly<Record<string, string>> = {
    // AWS ends it with ":*".
    "AWS::Logs::LogGroup": `arn:aws:logs:${place}:log-group:${ref}`,
    "AWS::CloudWatch::Alarm": `arn:aws:cloudwatch:${place}:alarm:${ref}`,
    "AWS::IAM::Role": `arn:aws:iam::${localAccount}:role/${ref}`,
  };
  return { ref, arn: arns[type] ?? namesOf(type, ref).arn };
}
