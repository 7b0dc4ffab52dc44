import { Duration, Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Function as Lambda } from "aws-cdk-lib/aws-lambda";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import type { Construct } from "constructs";

/**
 * Starts the coordinator: every minute to lead, and every quarter of an hour to see whether garbage is to be collected, which takes
 * an invocation of its own. A start that fails is not repeated: the next one is near.
 */
export function scheduleCoordinator(scope: Construct, coordinator: Lambda): void {
  const role = new Role(scope, "ScheduleRole", {
    assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
      conditions: { StringEquals: { "aws:SourceAccount": Stack.of(scope).account } },
    }),
    description: "Millrace: starts the coordinator",
    inlinePolicies: {
      StartCoordinator: new PolicyDocument({
        statements: [
          new PolicyStatement({
            actions: ["lambda:InvokeFunction"],
            resources: [coordinator.functionArn],
          }),
        ],
      }),
    },
  });
  const start = (id: string, given: { rate: string; kind: string; description: string }): void => {
    new CfnSchedule(scope, id, {
      description: given.description,
      scheduleExpression: given.rate,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: coordinator.functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify({ kind: given.kind }),
        retryPolicy: {
          maximumRetryAttempts: 0,
          maximumEventAgeInSeconds: Duration.minutes(1).toSeconds(),
        },
      },
    });
  };
  start("EveryMinute", {
    rate: "rate(1 minute)",
    kind: "tick",
    description: "Starts the coordinator of the Millrace job",
  });
  start("CollectGarbage", {
    rate: "rate(15 minutes)",
    kind: "collect-garbage",
    description: "Has the garbage of the Millrace job collected, once an hour",
  });
}
