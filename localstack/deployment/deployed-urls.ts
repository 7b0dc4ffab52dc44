import { localClientIdentity } from "../emulators/emulators.ts";
import { type FunctionUrl, serveFunctionUrl } from "../lambda/function-url.ts";
import type { LambdaFunction } from "../lambda/lambda-function.ts";
import type { StackAssembly } from "./assembly.ts";
import { urlsOf } from "./deployed-functions.ts";
import type { ResolveContext, ResourceNames } from "./template.ts";

export interface UrlsOptions {
  readonly assembly: StackAssembly;
  /** Learns what the URLs are. */
  readonly context: ResolveContext & {
    readonly resources: Map<string, ResourceNames>;
  };
  readonly functions: ReadonlyMap<string, LambdaFunction>;
}

/** Serves the URLs of a stack's functions to this machine: whoever signs with the emulators' credentials is answered. */
export async function deployedUrls({
  assembly,
  context,
  functions,
}: UrlsOptions): Promise<readonly FunctionUrl[]> {
  const byArn = new Map([...functions.values()].map((one) => [one.arn, one]));
  const { region, credentials } = localClientIdentity;
  const served = urlsOf(assembly, context).map(async ({ logicalId, functionArn }) => {
    const { invoke } = byArn.get(functionArn)!;
    const one = await serveFunctionUrl({ invoke, identity: { region, ...credentials } });
    const { url } = one;
    context.resources.set(logicalId, { ref: functionArn, arn: functionArn, url });
    return one;
  });
  return await Promise.all(served);
}
