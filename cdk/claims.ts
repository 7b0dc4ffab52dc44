import { Stack, Stage, Token, TokenComparison } from "aws-cdk-lib";
import type { IConstruct } from "constructs";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import type { PipelineSettings } from "./pipeline-settings.ts";

interface Claim {
  readonly name: string;
  readonly by: IConstruct;
}

/** What the pipelines of an app have for themselves: by the app. */
const claims = new WeakMap<IConstruct, Claim[]>();

/**
 * A name is for one pipeline in an account and region: metrics, alarms and a parameter go by it. And two pipelines must not keep the same job in one table
 * or bucket: each would take the other's log for its own.
 * @throws deployment errors `pipeline-name-taken` and `job-kept-twice`
 */
export function claimPlaces(scope: IConstruct, job: string, settings: PipelineSettings): void {
  const { pipelineName, jobTable, bucket } = settings;
  const named = claim(scope, `pipeline ${pipelineName}`);
  if (named !== undefined)
    throw deploymentError("pipeline-name-taken", {
      message: `Two pipelines have the name "${pipelineName}": ${named.node.path} and ${scope.node.path}.`,
      next: "Give one of them another pipelineName; where they are for other accounts or regions, give their stacks an env.",
    });
  const table = typeof jobTable === "string" ? jobTable : jobTable?.tableArn;
  for (const place of [table, bucket?.bucketArn]) {
    const other = place === undefined ? undefined : claim(scope, `job ${job} in ${place}`);
    if (other === undefined) continue;
    throw deploymentError("job-kept-twice", {
      message: `Two pipelines keep the job "${job}" in the same ${place === table ? "jobTable" : "bucket"}: ${other.node.path} and ${scope.node.path}.`,
      next: "Give each its own, or the jobs other names.",
    });
  }
}

/** Answers who has it already. */
function claim(by: IConstruct, name: string): IConstruct | undefined {
  const { root } = by.node;
  const made = claims.get(root) ?? [];
  claims.set(root, [...made, { name, by }]);
  return made.find((other) => other.name === name && areInOnePlace(other.by, by))?.by;
}

/** Stacks without an env go to one place, but those of several stages, which are made to be deployed to several. */
function areInOnePlace(one: IConstruct, other: IConstruct): boolean {
  const [a, b] = [Stack.of(one), Stack.of(other)];
  const same = [
    Token.compareStrings(a.account, b.account),
    Token.compareStrings(a.region, b.region),
  ];
  if (same.every((compared) => compared === TokenComparison.SAME) && !Token.isUnresolved(a.account))
    return true;
  const areAlike = same.every(
    (compared) => compared === TokenComparison.SAME || compared === TokenComparison.BOTH_UNRESOLVED,
  );
  return areAlike && Stage.of(one) === Stage.of(other);
}
