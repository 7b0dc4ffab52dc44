import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { BUNDLING_STACKS } from "aws-cdk-lib/cx-api";
import { MillracePipeline, type MillracePipelineProps } from "../../../cdk/index.ts";

export const ordersJob = join(import.meta.dirname, "fixture", "orders-job.ts");
export const filesJob = join(import.meta.dirname, "fixture", "files-job.ts");
export const relayJob = join(import.meta.dirname, "fixture", "relay-job.ts");
export const untypedJob = join(import.meta.dirname, "fixture", "untyped-job.ts");

export interface Synthesized {
  readonly app: App;
  readonly stack: Stack;
  readonly pipeline: MillracePipeline;
  readonly template: Template;
}

/** Apps whose functions' code is not looked at: bundling it takes much longer than all the rest. */
export const withoutCode = { [BUNDLING_STACKS]: [] };

/** Synthesizes the fixture's job, offline, with no account and without the functions' code. */
export function synthesize(
  props: (stack: Stack) => Partial<MillracePipelineProps> = () => ({}),
): Synthesized {
  const app = new App({ context: withoutCode });
  const stack = new Stack(app, "Orders");
  const pipeline = new MillracePipeline(stack, "Pipeline", { entry: ordersJob, ...props(stack) });
  return { app, stack, pipeline, template: Template.fromStack(stack) };
}

/** Properties of all resources of a type, by their logical ids. */
export function propertiesOf(template: Template, type: string): Record<string, Properties> {
  const resources = Object.entries(template.findResources(type));
  return Object.fromEntries(resources.map(([id, resource]) => [id, resource["Properties"] ?? {}]));
}

export interface Statement {
  readonly Sid?: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** Everything that the roles of a template may do. */
export function statementsOf(template: Template): readonly Statement[] {
  return Object.values(propertiesOf(template, "AWS::IAM::Policy")).flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  );
}

// oxlint-disable-next-line typescript/no-explicit-any -- templates are untyped JSON
export type Properties = Record<string, any>;
