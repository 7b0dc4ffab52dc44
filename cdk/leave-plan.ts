import { type CfnOutput, Names, Stack, Stage, Token } from "aws-cdk-lib";
import type { Construct } from "constructs";
import type { Plan } from "../runtime/plan/plan.ts";
import type { PipelineSettings } from "./pipeline-settings.ts";
import { writeSynthesizedPlan } from "./synthesized-plan.ts";

interface LeftPlan {
  readonly plan: Plan;
  readonly settings: PipelineSettings;
  readonly connection: CfnOutput;
}

/** Leaves the plan in the cloud assembly, where `millrace deploy` compares it with the job that is deployed. */
export function leavePlan(scope: Construct, { plan, settings, connection }: LeftPlan): void {
  const stack = Stack.of(scope);
  const folder = Stage.of(scope)?.outdir;
  // The outputs of a nested stack are not those of the one that is deployed: nothing leads from there to the job.
  if (folder === undefined || Token.isUnresolved(stack.stackName)) return;
  writeSynthesizedPlan(
    { folder, id: Names.uniqueId(scope) },
    {
      format: 1,
      stack: stack.stackName,
      ...(Token.isUnresolved(stack.region) ? {} : { region: stack.region }),
      stackIds: [...new Set([stack.stackName, stack.artifactId, stack.node.path])],
      connectionOutput: stack.getLogicalId(connection),
      entry: settings.entry,
      allowNonRestoredState: settings.allowNonRestoredState,
      plan,
    },
  );
}
