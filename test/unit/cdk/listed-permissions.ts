import type { Template } from "aws-cdk-lib/assertions";
import { propertiesOf, type Statement } from "./synthesize.ts";

/** What a role may do on what: logical ids without their hashes, and the keys of objects. */
export function listed(template: Template, role: string): readonly string[] {
  const [policy] = Object.entries(propertiesOf(template, "AWS::IAM::Policy"))
    .filter(([id]) => id.startsWith(`Pipeline${role}Role`))
    .map(([, { PolicyDocument }]) => PolicyDocument.Statement as readonly Statement[]);
  return (policy ?? []).map(({ Sid, Action, Resource }) => {
    const actions = [Action].flat().join(" ");
    const resources = (Array.isArray(Resource) ? Resource : [Resource]).map(resourceText);
    return `${Sid ?? "-"}: ${actions} on ${resources.join(" ")}`;
  });
}

function resourceText(resource: unknown): string {
  if (typeof resource === "string") return resource;
  const { "Fn::GetAtt": attribute, "Fn::Join": join } = resource as {
    readonly "Fn::GetAtt"?: readonly [string, string];
    readonly "Fn::Join"?: readonly [string, readonly unknown[]];
  };
  if (attribute !== undefined) return attribute[0].replace(/^Pipeline|[0-9A-F]{8}$/g, "");
  return (join?.[1] ?? []).map(resourceText).join("");
}
