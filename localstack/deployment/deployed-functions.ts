import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { systemRandom } from "../../runtime/node/system-environment.ts";
import { deploymentError } from "../../runtime/errors/millrace-error.ts";
import type { FunctionConfiguration } from "../lambda/environment.ts";
import { lambdaFunction, type LambdaFunction } from "../lambda/lambda-function.ts";
import type { StackAssembly } from "./assembly.ts";
import { type ResolveContext, resolveValue } from "./template.ts";

export interface FunctionsOptions {
  readonly assembly: StackAssembly;
  readonly context: ResolveContext;
  /** What Lambda adds to each function's own variables. */
  readonly variables: Readonly<Record<string, string>>;
  readonly runtimeClient: string;
  /** Where each function's log goes, as `<function>.log`. */
  readonly logFolder: string;
  readonly maxEnvironments: number;
}

/** As in the template, references resolved. */
interface FunctionProperties {
  readonly Code: { readonly S3Key?: string };
  readonly Handler: string;
  readonly Timeout?: number;
  readonly MemorySize?: number;
  readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
  readonly ReservedConcurrentExecutions?: number;
}

const usedProperties: ReadonlySet<string> = new Set<keyof FunctionProperties>([
  "Code",
  "Handler",
  "Timeout",
  "MemorySize",
  "Environment",
  "ReservedConcurrentExecutions",
]);
const defaultTimeoutSeconds = 3;
const defaultMemoryMiB = 128;

/** The stack's functions with the code that was bundled for them, by name. Nothing is started before it is invoked. */
export function deployedFunctions(options: FunctionsOptions): ReadonlyMap<string, LambdaFunction> {
  const { logFolder, runtimeClient } = options;
  return new Map(
    functionsOf(options).map(({ configuration, reserved }) => [
      configuration.name,
      lambdaFunction({
        configuration,
        runtimeClient,
        // All environments write to it: that many listeners are no leak.
        log: createWriteStream(join(logFolder, `${configuration.name}.log`), {
          flags: "a",
        }).setMaxListeners(0),
        maxEnvironments: Math.min(
          hasUrl(options, configuration.arn)
            ? Math.max(options.maxEnvironments, viewersMin)
            : options.maxEnvironments,
          reserved,
        ),
        random: systemRandom,
      }),
    ]),
  );
}

/** Whoever follows something has an environment to himself. */
const viewersMin = 8;

const hasUrl = ({ assembly, context }: FunctionsOptions, arn: string): boolean =>
  urlsOf(assembly, context).some(({ functionArn }) => functionArn === arn);

interface DescribedUrl {
  readonly logicalId: string;
  readonly functionArn: string;
}

/** The functions' URLs that a stack describes. */
export function urlsOf(
  { template }: StackAssembly,
  context: ResolveContext,
): readonly DescribedUrl[] {
  return Object.entries(template.Resources).flatMap(([logicalId, { Type, Properties }]) => {
    if (Type !== "AWS::Lambda::Url") return [];
    const functionArn = String(resolveValue(Properties?.["TargetFunctionArn"], context));
    return [{ logicalId, functionArn }];
  });
}

interface DescribedFunction {
  readonly configuration: FunctionConfiguration;
  /** Its reserved concurrency. */
  readonly reserved: number;
}

/** The functions that a stack describes. */
export function functionsOf({
  assembly,
  context,
  variables,
}: Pick<FunctionsOptions, "assembly" | "context" | "variables">): readonly DescribedFunction[] {
  return Object.entries(assembly.template.Resources).flatMap(
    ([logicalId, { Type, Properties }]) => {
      if (Type !== "AWS::Lambda::Function") return [];
      const { ref: name, arn } = context.resources.get(logicalId)!;
      const properties = resolveValue(usedOf(Properties ?? {}), context) as FunctionProperties;
      const configuration = {
        name,
        arn,
        codeFolder: codeFolder(assembly, logicalId, properties),
        handler: properties.Handler,
        variables: { ...properties.Environment?.Variables, ...variables },
        timeoutMs: (properties.Timeout ?? defaultTimeoutSeconds) * 1_000,
        memoryMiB: properties.MemorySize ?? defaultMemoryMiB,
      };
      return [{ configuration, reserved: properties.ReservedConcurrentExecutions ?? Infinity }];
    },
  );
}

/** What is left out, such as a network, may refer to what is known on AWS only. */
function usedOf(properties: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const isUsed = ([name]: readonly [string, unknown]): boolean => usedProperties.has(name);
  return Object.fromEntries(Object.entries(properties).filter(isUsed));
}

function codeFolder(
  { assets }: StackAssembly,
  logicalId: string,
  { Code }: FunctionProperties,
): string {
  const folder = assets.get(Code.S3Key ?? "");
  if (folder !== undefined) return folder;
  throw deploymentError("template-not-understood", {
    message: `The code of the function ${logicalId} is not in the cloud assembly.`,
    next: "Only functions whose code is an asset of the app run locally.",
  });
}
