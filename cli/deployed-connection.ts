import { type CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import type { SynthesizedPlan } from "../cdk/synthesized-plan.ts";
import { calling, isNamed } from "../runtime/aws/aws-errors.ts";
import { messageOf } from "../runtime/errors/millrace-error.ts";

/**
 * Where the job of a stack is, as the stack's output tells; undefined where it was never deployed.
 * @throws store errors, for example `store-access-denied`
 */
export async function deployedConnection(
  client: CloudFormationClient,
  { stack, connectionOutput }: Pick<SynthesizedPlan, "stack" | "connectionOutput">,
): Promise<Readonly<Record<string, string>> | undefined> {
  const about = { resource: `stack "${stack}"`, action: "cloudformation:DescribeStacks" };
  const described = await calling(about, async () => {
    try {
      return await client.send(new DescribeStacksCommand({ StackName: stack }));
    } catch (thrown) {
      // There is no error of its own for it.
      if (isNamed(thrown, "ValidationError") && messageOf(thrown).includes("does not exist"))
        return { Stacks: [] };
      throw thrown;
    }
  });
  const outputs = described.Stacks?.[0]?.Outputs ?? [];
  const text = outputs.find(({ OutputKey }) => OutputKey === connectionOutput)?.OutputValue;
  return text === undefined ? undefined : (JSON.parse(text) as Record<string, string>);
}
