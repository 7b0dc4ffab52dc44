import { Bucket } from "aws-cdk-lib/aws-s3";
import { describe, expect, test } from "vitest";
import type { MillracePipelineProps } from "../../../cdk/index.ts";
import { filesJob, propertiesOf, statementsOf, synthesize } from "./synthesize.ts";
import type { Stack } from "aws-cdk-lib";

const withFiles = (props: (stack: Stack) => Partial<MillracePipelineProps> = () => ({})) =>
  synthesize((stack) => ({ entry: filesJob, ...props(stack) }));

/** Statements about files, as text: actions, and what of which bucket. */
function grantsOf({ template }: ReturnType<typeof synthesize>): readonly string[] {
  return statementsOf(template).flatMap(({ Sid, Action, Resource }) =>
    Sid === "ReadFiles" || Sid === "FinishedFiles"
      ? [`${Sid}: ${String(Action)} ${/"[^"]*(?:\/[^"]*)+"/.exec(JSON.stringify(Resource))![0]}`]
      : [],
  );
}

const variablesOf = ({ template }: ReturnType<typeof synthesize>) =>
  Object.values(propertiesOf(template, "AWS::Lambda::Function")).flatMap(({ Environment }) =>
    Environment === undefined ? [] : [Environment.Variables as Record<string, unknown>],
  );

describe("a job that reads and writes files", () => {
  test("finds them in its own bucket: slots get what they read, the coordinator puts what is written, and nothing else", () => {
    const synthesized = withFiles();
    expect(grantsOf(synthesized).toSorted()).toEqual([
      'FinishedFiles: s3:PutObject "/_files/out/*"',
      'ReadFiles: s3:GetObject "/_files/in/*"',
    ]);
    for (const variables of variablesOf(synthesized)) {
      expect(variables["MILLRACE_FILES_BUCKET"]).toEqual(variables["MILLRACE_BUCKET"]);
      expect(variables["MILLRACE_FILES_PREFIX"]).toBe("_files/");
    }
  });

  test("finds them in a bucket that is given", () => {
    const synthesized = withFiles((stack) => {
      const bucket = Bucket.fromBucketName(stack, "Given", "lake");
      return { files: { bucket, prefix: "orders/" } };
    });
    expect(grantsOf(synthesized).toSorted()).toEqual([
      'FinishedFiles: s3:PutObject ":s3:::lake/orders/out/*"',
      'ReadFiles: s3:GetObject ":s3:::lake/orders/in/*"',
    ]);
    for (const variables of variablesOf(synthesized))
      expect(variables).toMatchObject({
        MILLRACE_FILES_BUCKET: "lake",
        MILLRACE_FILES_PREFIX: "orders/",
      });
  });

  test("has an alarm for files that can't be written, and no other job has", () => {
    expect(Object.keys(withFiles().pipeline.alarms)).toContain("EpochsNotVisible");
    expect(Object.keys(synthesize().pipeline.alarms)).not.toContain("EpochsNotVisible");
  });
});
