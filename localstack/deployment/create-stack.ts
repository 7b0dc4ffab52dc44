import {
  CreateStackCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  type CloudFormationClient,
} from "@aws-sdk/client-cloudformation";
import { setTimeout as wait } from "node:timers/promises";
import { deploymentError } from "../../runtime/errors/millrace-error.ts";

export type StackClient = Pick<CloudFormationClient, "send">;

export interface StackResource {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export interface StackOptions {
  readonly name: string;
  readonly resources: readonly StackResource[];
}

const askAgainMs = 100;
const failed = /FAILED|ROLLBACK|DELETE/;

/**
 * Creates a stack of resources whose references are resolved already; answers their names. A stack that is there is left as it is.
 * @throws deployment error `stack-not-created`
 */
export async function createStack(
  client: StackClient,
  { name, resources }: StackOptions,
): Promise<ReadonlyMap<string, string>> {
  if (resources.length === 0) return new Map();
  const template = {
    Resources: Object.fromEntries(
      resources.map(({ logicalId, type, properties }) => [
        logicalId,
        { Type: type, Properties: properties },
      ]),
    ),
  };
  await client
    .send(new CreateStackCommand({ StackName: name, TemplateBody: JSON.stringify(template) }))
    .catch((thrown: unknown) => {
      if (!(thrown instanceof Error && thrown.name.startsWith("AlreadyExists"))) throw thrown;
    });
  await untilComplete(client, name);
  const answer = await client.send(new DescribeStackResourcesCommand({ StackName: name }));
  return new Map(
    (answer.StackResources ?? []).map(({ LogicalResourceId, PhysicalResourceId }) => [
      LogicalResourceId ?? "",
      // Kinesis streams come as their ARN from some emulators.
      (PhysicalResourceId ?? "").replace(/^arn:.*[/]/, ""),
    ]),
  );
}

async function untilComplete(client: StackClient, name: string): Promise<void> {
  for (;;) {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const { StackStatus: status = "", StackStatusReason: reason = "" } = Stacks?.[0] ?? {};
    if (/^(CREATE|UPDATE)_COMPLETE$/.test(status)) return;
    if (failed.test(status))
      throw deploymentError("stack-not-created", {
        message: `The emulator's CloudFormation answers ${status} for the stack ${name}: ${reason}`,
        next: "Look at the emulator's output.",
      });
    await wait(askAgainMs);
  }
}
