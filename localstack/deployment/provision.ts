import { type AwsClients } from "../../runtime/aws/clients.ts";
import { createStack, type StackClient } from "./create-stack.ts";
import { createBucket, createStream, createTable } from "./create-resource.ts";
import type { Endpoints, Service } from "./endpoints.ts";
import { namesOf } from "./resource-names.ts";
import {
  type ResolveContext,
  type ResourceNames,
  resolveValue,
  type Template,
} from "./template.ts";

export interface ProvisionOptions {
  readonly stack: string;
  readonly template: Template;
  readonly context: ResolveContext;
  readonly endpoints: Endpoints;
  readonly clients: AwsClients;
  readonly cloudFormation: StackClient;
}

export interface Provisioned {
  readonly logicalId: string;
  readonly type: string;
  readonly names: ResourceNames;
  readonly by: "CloudFormation" | "the provisioner";
}

const serviceOf: Readonly<Record<string, Service>> = {
  "AWS::Kinesis::Stream": "KINESIS",
  "AWS::DynamoDB::Table": "DYNAMODB",
  "AWS::S3::Bucket": "S3",
};

/**
 * Creates a stack's streams, tables and buckets: through CloudFormation where the emulator that answers for it is the one that
 * has the resource, and by plain calls with the same properties where it is another one. What is there already stays.
 */
export async function provision(options: ProvisionOptions): Promise<readonly Provisioned[]> {
  const { template, context, endpoints } = options;
  const resources = Object.entries(template.Resources).flatMap(
    ([logicalId, { Type, Properties }]) => {
      const service = serviceOf[Type];
      if (service === undefined) return [];
      const properties = resolveValue(Properties ?? {}, context) as Readonly<
        Record<string, unknown>
      >;
      const ofStack = endpoints[service] === endpoints.CLOUDFORMATION;
      return [
        { logicalId, type: Type, properties, ofStack, names: context.resources.get(logicalId)! },
      ];
    },
  );
  const stacked = resources.filter(({ ofStack }) => ofStack);
  const refs = await createStack(options.cloudFormation, {
    name: options.stack,
    resources: stacked,
  });
  const plain = resources.filter(({ ofStack }) => !ofStack);
  await Promise.all(
    plain.map(async ({ type, properties, names: { ref } }) => {
      if (type === "AWS::Kinesis::Stream")
        await createStream(options.clients.kinesis, ref, properties);
      if (type === "AWS::DynamoDB::Table")
        await createTable(options.clients.dynamodb, ref, properties);
      if (type === "AWS::S3::Bucket") await createBucket(options.clients.s3, ref);
    }),
  );
  return resources.map(({ logicalId, type, names, ofStack }) => ({
    logicalId,
    type,
    names: namesOf(type, refs.get(logicalId) ?? names.ref),
    by: ofStack ? "CloudFormation" : "the provisioner",
  }));
}
