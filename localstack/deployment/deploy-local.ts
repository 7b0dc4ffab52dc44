import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { mkdir } from "node:fs/promises";
import { awsClients, closeClients } from "../../runtime/aws/clients.ts";
import { kinesisStreamReader } from "../../runtime/aws/kinesis-stream-reader.ts";
import { systemClock, systemRandom } from "../../runtime/node/system-environment.ts";
import { deploymentError } from "../../runtime/errors/millrace-error.ts";
import { localAccount, localClientIdentity, localIdentity } from "../emulators/emulators.ts";
import { serveLambdaApi } from "../lambda/lambda-api.ts";
import type { LambdaFunction } from "../lambda/lambda-function.ts";
import {
  defaultMappingTuning,
  type MappingTuning,
} from "../../runtime/event-source/mapping-options.ts";
import { installRuntimeClient } from "../lambda/runtime-client.ts";
import type { StackAssembly } from "./assembly.ts";
import { deployedFunctions, functionsOf } from "./deployed-functions.ts";
import { deployedUrls } from "./deployed-urls.ts";
import { type DeployedMapping, mappingOf, runMapping } from "./deployed-mappings.ts";
import { endpointsOf, type Endpoints, type Variables } from "./endpoints.ts";
import { provision, type Provisioned } from "./provision.ts";
import { resourceNames } from "./resource-names.ts";
import { rateMs, runSchedule } from "./schedule.ts";
import { type ResolveContext, resolveValue } from "./template.ts";

export interface LocalDeploymentOptions {
  readonly assembly: StackAssembly;
  /** AWS_ENDPOINT_URL and its kin, which must lead to this machine. */
  readonly variables: Variables;
  /** Gets each function's log. */
  readonly logFolder: string;
  /** Environments of each function at most. Default: 3. */
  readonly maxEnvironments?: number;
  readonly tuning?: Partial<MappingTuning>;
  /** How often rules start what they start. Default: as the template says; EventBridge has nothing below a minute. */
  readonly ruleEveryMs?: number;
  readonly onError?: (error: unknown) => void;
}

/** A stack that runs on this machine. */
export interface LocalDeployment {
  readonly resources: readonly Provisioned[];
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly mappings: readonly DeployedMapping[];
  /** Outputs of the stack, by logical id. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What leads another process to the same world. */
  readonly variables: Readonly<Record<string, string>>;
  /**
   * Deploys a changed app over it: functions get their new code and settings.
   * @throws deployment error `stack-not-updatable` where other resources would come or go.
   */
  redeploy(assembly: StackAssembly): void;
  /** Finishes the batches under way, and leaves no process behind. */
  stop(): Promise<void>;
}

const defaultMaxEnvironments = 3;
/** Batches under way get this long when everything stops. */
const stopPatienceMs = 10_000;

/**
 * Deploys a synthesized stack to emulators on this machine, and runs its functions, event source mappings and rules.
 * @throws deployment errors: an endpoint is not local, the template has what is not known, an emulator refuses it.
 */
export async function deployLocal(options: LocalDeploymentOptions): Promise<LocalDeployment> {
  const { assembly, logFolder } = options;
  const endpoints = endpointsOf(options.variables);
  const runtimeClient = await installRuntimeClient();
  await mkdir(logFolder, { recursive: true });
  const { resources, context } = await createResources(assembly, endpoints);
  const started: {
    functions: ReadonlyMap<string, LambdaFunction>;
    mappings: readonly DeployedMapping[];
  } = { functions: new Map(), mappings: [] };
  const api = await serveLambdaApi({
    functions: () => started.functions,
    mappings: () => started.mappings.map(({ description }) => description),
  });
  const variables = {
    ...localIdentity,
    ...endpointVariables(endpoints),
    AWS_ENDPOINT_URL_LAMBDA: api.url,
  };
  const maxEnvironments = options.maxEnvironments ?? defaultMaxEnvironments;
  const functions = deployedFunctions({
    assembly,
    context,
    variables,
    runtimeClient,
    logFolder,
    maxEnvironments,
  });
  const mappings = mappingsOf(assembly, context);
  const urls = await deployedUrls({ assembly, context, functions });
  Object.assign(started, { functions, mappings });
  const running = run({ ...options, functions, mappings, endpoints, context });
  return {
    resources,
    functions,
    mappings,
    outputs: outputsOf(assembly, context),
    variables,
    redeploy: (changed) => {
      checkSameResources(assembly, changed);
      for (const { configuration } of functionsOf({ assembly: changed, context, variables }))
        functions.get(configuration.name)?.update(configuration);
    },
    stop: async () => {
      for (const { close } of urls) close();
      await running.stop();
      api.close();
    },
  };
}

/** Roles, alarms and the like are nothing that runs here. */
const runsHere = /^AWS::(Kinesis|DynamoDB|S3|Lambda|Events)::(?!Permission)/;

function checkSameResources(deployed: StackAssembly, changed: StackAssembly): void {
  const before = resourcesHere(deployed);
  const after = resourcesHere(changed);
  const gone = [...before].filter((resource) => !after.has(resource));
  const come = [...after].filter((resource) => !before.has(resource));
  if (gone.length + come.length === 0) return;
  throw deploymentError("stack-not-updatable", {
    message: `The changed stack adds or takes away ${[...gone, ...come].join(", ")}.`,
    next: "A local deployment takes other code and settings of functions only; start it anew for other resources.",
  });
}

function resourcesHere({ template }: StackAssembly): ReadonlySet<string> {
  return new Set(
    Object.entries(template.Resources).flatMap(([id, { Type }]) =>
      runsHere.test(Type) ? [`${id} (${Type})`] : [],
    ),
  );
}

async function createResources(assembly: StackAssembly, endpoints: Endpoints) {
  const { name: stack, template } = assembly;
  const identity = { account: localAccount, region: localIdentity.AWS_REGION };
  const context = { ...identity, stack, resources: resourceNames(stack, template) };
  const { clients, cloudFormation, close } = clientsOf(endpoints);
  try {
    const resources = await provision({
      stack,
      template,
      context,
      endpoints,
      clients,
      cloudFormation,
    });
    // Emulators may have chosen names of their own.
    for (const { logicalId, names } of resources) context.resources.set(logicalId, names);
    return { resources, context };
  } finally {
    close();
  }
}

function clientsOf(endpoints: Endpoints) {
  const { DYNAMODB, KINESIS, S3, CLOUDFORMATION } = endpoints as Required<Endpoints>;
  const clients = awsClients({
    ...localClientIdentity,
    endpoints: { dynamodb: DYNAMODB, kinesis: KINESIS, s3: S3 },
  });
  const cloudFormation = new CloudFormationClient({
    ...localClientIdentity,
    endpoint: CLOUDFORMATION,
  });
  const close = (): void => {
    closeClients(clients);
    cloudFormation.destroy();
  };
  return { clients, cloudFormation, close };
}

function endpointVariables(endpoints: Endpoints): Record<string, string> {
  return Object.fromEntries(
    Object.entries(endpoints).map(([service, url]) => [`AWS_ENDPOINT_URL_${service}`, url]),
  );
}

function mappingsOf(
  { template }: StackAssembly,
  context: ResolveContext,
): readonly DeployedMapping[] {
  const byName = new Map([...context.resources.values()].map((names) => [names.ref, names.arn]));
  return Object.entries(template.Resources).flatMap(([logicalId, { Type, Properties }]) => {
    if (Type !== "AWS::Lambda::EventSourceMapping") return [];
    const properties = resolveValue(Properties, context) as Readonly<Record<string, unknown>>;
    const functionArn = byName.get(String(properties["FunctionName"])) ?? "";
    return [mappingOf(logicalId, properties, { region: context.region, functionArn })];
  });
}

function outputsOf({ template }: StackAssembly, context: ResolveContext): Record<string, string> {
  return Object.fromEntries(
    Object.entries(template.Outputs ?? {}).map(([id, { Value }]) => [
      id,
      String(resolveValue(Value, context)),
    ]),
  );
}

interface RunOptions extends LocalDeploymentOptions {
  readonly functions: ReadonlyMap<string, LambdaFunction>;
  readonly mappings: readonly DeployedMapping[];
  readonly endpoints: Endpoints;
  readonly context: ResolveContext;
}

/** Runs mappings and rules until it is stopped. */
function run(options: RunOptions): { stop(): Promise<void> } {
  const { functions, mappings, assembly, context } = options;
  const { clients, close } = clientsOf(options.endpoints);
  const stopping = new AbortController();
  const onError = (error: unknown): void => {
    if (!stopping.signal.aborted) options.onError?.(error);
  };
  const clock = stoppableClock(stopping.signal);
  const world = {
    reader: kinesisStreamReader({ client: clients.kinesis, clock }),
    s3: clients.s3,
    clock,
    random: systemRandom,
    tuning: { ...defaultMappingTuning, ...options.tuning },
    onError,
    isStopped: () => stopping.signal.aborted,
  };
  const serving = mappings.map((mapping) =>
    runMapping(mapping, functions.get(mapping.functionName)!, world).catch(onError),
  );
  const byArn = new Map([...functions.values()].map((one) => [one.arn, one]));
  for (const { everyMs, arn, input } of rulesOf(assembly, context))
    void runSchedule({
      everyMs: options.ruleEveryMs ?? everyMs,
      start: () => void byArn.get(arn)?.invoke(input).catch(onError),
      signal: stopping.signal,
    });
  return {
    stop: async () => {
      stopping.abort();
      const mapped = new Set(mappings.map(({ functionName }) => functionName));
      // What a rule started may go on for minutes, and is built to be cut off.
      for (const [name, one] of functions) if (!mapped.has(name)) await one.stop();
      await Promise.race([Promise.all(serving), systemClock.sleep(stopPatienceMs)]);
      await Promise.all([...functions.values()].map((one) => one.stop()));
      await Promise.all(serving);
      close();
    },
  };
}

/** Sleeps no longer than until everything stops. */
function stoppableClock(signal: AbortSignal) {
  const stopped = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => resolve(), { once: true }),
  );
  return {
    nowMs: systemClock.nowMs,
    sleep: (durationMs: number) => Promise.race([systemClock.sleep(durationMs), stopped]),
  };
}

interface DeployedRule {
  readonly everyMs: number;
  readonly arn: string;
  readonly input: string;
}

/** As in the template, references resolved. */
interface RuleProperties {
  readonly ScheduleExpression: string;
  readonly State?: string;
  readonly Target: { readonly Arn: string; readonly Input?: string };
}

function rulesOf({ template }: StackAssembly, context: ResolveContext): readonly DeployedRule[] {
  return Object.values(template.Resources).flatMap(({ Type, Properties }) => {
    if (Type !== "AWS::Scheduler::Schedule") return [];
    const rule = resolveValue(Properties, context) as RuleProperties;
    if (rule.State === "DISABLED") return [];
    const everyMs = rateMs(rule.ScheduleExpression);
    const { Arn: arn, Input: input = "{}" } = rule.Target;
    return [{ everyMs, arn, input }];
  });
}
