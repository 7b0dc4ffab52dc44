import { Annotations, CfnOutput, Stack, Token, TokenComparison } from "aws-cdk-lib";
import type { IStream } from "aws-cdk-lib/aws-kinesis";
import type { Construct } from "constructs";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import { readingActions, writingActions } from "./permissions.ts";
import type { PipelineStreams } from "./streams.ts";

/** ARNs, or an account for all of its roles. */
interface StreamUsers {
  readonly process: string;
  readonly coordinator: string;
}

/** Whether another account owns a stream, or may: where an ARN is given, and the stack's own account is not known. */
export function isForeign(scope: Construct, stream: IStream): boolean {
  const compared = Token.compareStrings(stream.env.account, Stack.of(scope).account);
  return compared !== TokenComparison.SAME && compared !== TokenComparison.BOTH_UNRESOLVED;
}

/**
 * A stream of another account has to let the job in by a policy of its own, which only its owner can write: an output holds it.
 * @throws deployment error `stream-in-other-region`: Lambda reads, and the job writes, streams of its own region only.
 */
export function addStreamPolicies(
  scope: Construct,
  { sources, sinks }: PipelineStreams,
  users: StreamUsers,
): void {
  const stack = Stack.of(scope);
  for (const [name, stream] of Object.entries({ ...sources, ...sinks })) {
    checkRegion(name, stream, stack);
    if (!isForeign(scope, stream)) continue;
    const policyFor = (of: StreamUsers): object => ({
      Version: "2012-10-17",
      Statement: [
        ...(sources[name] === stream ? readStatements(stream, of) : []),
        ...(sinks[name] === stream ? [allow(of.process, writingActions, stream)] : []),
      ],
    });
    const output = new CfnOutput(scope, `StreamPolicy-${name}`, {
      value: stack.toJsonString(policyFor(users)),
      description: `Policy for the stream that the job calls ${name}, where another account owns it`,
    });
    if (Token.isUnresolved(stack.account)) continue;
    const { account } = stack;
    const first = JSON.stringify(policyFor({ process: account, coordinator: account }));
    Annotations.of(scope).addInfo(
      `The stream "${name}" is in the account ${stream.env.account}. Before the first deployment its owner has to let this account in (aws kinesis put-resource-policy): ` +
        `${first}. The output ${stack.getLogicalId(output)} then has the same for the job's roles alone.`,
    );
  }
}

function readStatements(stream: IStream, { process, coordinator }: StreamUsers): readonly object[] {
  return [
    allow(process, readingActions, stream),
    allow(coordinator, ["kinesis:ListShards"], stream),
  ];
}

function allow(user: string, actions: readonly string[], stream: IStream): object {
  return {
    Effect: "Allow",
    Principal: { AWS: user },
    Action: actions,
    Resource: stream.streamArn,
  };
}

function checkRegion(name: string, stream: IStream, stack: Stack): void {
  if (Token.compareStrings(stream.env.region, stack.region) !== TokenComparison.DIFFERENT) return;
  throw deploymentError("stream-in-other-region", {
    message: `The stream "${name}" is in ${stream.env.region}, and the job in ${stack.region}: Lambda reads streams of its own region only.`,
    next: `Deploy the job in ${stream.env.region}.`,
  });
}
