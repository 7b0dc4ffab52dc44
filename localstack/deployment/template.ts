import { deploymentError } from "../../runtime/errors/millrace-error.ts";

/** A CloudFormation template, as far as a job's stack uses it. */
export interface Template {
  readonly Resources: Readonly<Record<string, TemplateResource>>;
  readonly Outputs?: Readonly<
    Record<string, { readonly Value: unknown; readonly Description?: string }>
  >;
}

export interface TemplateResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
}

/** What `Ref` and `Fn::GetAtt` of a resource come to. */
export interface ResourceNames {
  readonly ref: string;
  readonly arn: string;
  /** Of a function's URL. */
  readonly url?: string;
}

export interface ResolveContext {
  readonly account: string;
  readonly region: string;
  readonly stack: string;
  readonly resources: ReadonlyMap<string, ResourceNames>;
}

/**
 * A value with its references put in: `Ref`, `Fn::GetAtt` of `Arn` and `FunctionUrl`, `Fn::Join` and `Fn::Sub` are known.
 * @throws deployment error `template-not-understood`
 */
export function resolveValue(value: unknown, context: ResolveContext): unknown {
  if (Array.isArray(value)) return value.map((part: unknown) => resolveValue(part, context));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const [only, ...others] = entries;
  if (only !== undefined && others.length === 0) {
    const [name, argument] = only as [string, unknown];
    if (name === "Ref") return reference(String(argument), context);
    if (name.startsWith("Fn::")) return callFunction(name, argument, context);
  }
  return Object.fromEntries(entries.map(([name, part]) => [name, resolveValue(part, context)]));
}

function callFunction(name: string, argument: unknown, context: ResolveContext): unknown {
  if (name === "Fn::GetAtt" && Array.isArray(argument) && argument[1] === "Arn")
    return resourceOf(String(argument[0]), context).arn;
  if (name === "Fn::GetAtt" && Array.isArray(argument) && argument[1] === "FunctionUrl")
    return resourceOf(String(argument[0]), context).url;
  if (name === "Fn::Join" && Array.isArray(argument)) {
    const [separator, parts] = resolveValue(argument, context) as [string, readonly string[]];
    return parts.join(separator);
  }
  if (name === "Fn::Sub" && typeof argument === "string")
    return argument.replaceAll(/\$\{([^}]+)\}/g, (_, target: string) =>
      target.endsWith(".Arn")
        ? resourceOf(target.slice(0, -".Arn".length), context).arn
        : reference(target, context),
    );
  throw notUnderstood(`${name} of ${JSON.stringify(argument)}`);
}

function reference(name: string, context: ResolveContext): string {
  const pseudo: Readonly<Record<string, string>> = {
    "AWS::AccountId": context.account,
    "AWS::Region": context.region,
    "AWS::Partition": "aws",
    "AWS::StackName": context.stack,
    "AWS::URLSuffix": "amazonaws.com",
  };
  return pseudo[name] ?? resourceOf(name, context).ref;
}

function resourceOf(logicalId: string, { resources }: ResolveContext): ResourceNames {
  const names = resources.get(logicalId);
  if (names === undefined) throw notUnderstood(`a reference to "${logicalId}"`);
  return names;
}

const notUnderstood = (what: string): Error =>
  deploymentError("template-not-understood", {
    message: `The template has ${what}, which a local deployment does not know.`,
    next: "Keep what the job does not need in a stack of its own.",
  });
