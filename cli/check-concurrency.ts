import { CloudFormationClient, GetTemplateCommand } from "@aws-sdk/client-cloudformation";
import { GetAccountSettingsCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { SynthesizedPlan } from "../cdk/synthesized-plan.ts";
import { calling, isNamed } from "../runtime/aws/aws-errors.ts";
import { deploymentError, messageOf } from "../runtime/errors/millrace-error.ts";
import { reservedIn, stackTemplates, type Template } from "./stack-templates.ts";

/** AWS leaves so many unreserved for functions without a reservation; accounts with a lower limit can reserve none of it. */
const unreservedMin = 100;

export interface ConcurrencyCheck {
  /** What is to be deployed. */
  readonly plans: readonly SynthesizedPlan[];
  /** The cloud assembly. */
  readonly folder: string;
  /** Where a stack goes that names no region. */
  readonly region: string;
}

/**
 * Compares what stacks reserve beyond what they have reserved already with what the account can still reserve. AWS is only
 * asked where a stack reserves something.
 * @throws deployment error `concurrency-exceeded`, and store errors
 */
export async function checkConcurrency({ plans, folder, region }: ConcurrencyCheck): Promise<void> {
  const regionOf = new Map(plans.map((plan) => [plan.stack, plan.region ?? region]));
  for (const place of new Set(regionOf.values())) {
    const here = plans.filter(({ stack }) => regionOf.get(stack) === place);
    const stacks = new Map(here.map((plan) => [plan.stack, stackTemplates(folder, plan)]));
    await checkRegion(place, stacks);
  }
}

/** The templates of each stack, by its name: all of one region, which share its limit. */
type Stacks = ReadonlyMap<string, readonly Template[]>;

async function checkRegion(region: string, stacks: Stacks): Promise<void> {
  const wanted = sum([...stacks.values()].flat().map(reservedIn));
  if (wanted === 0) return;
  const { limit, unreserved } = await accountLimit(region);
  const templates = await Promise.all([...stacks.keys()].map((name) => deployedIn(region, name)));
  const reserved = sum(templates.map(reservedIn));
  const available = unreserved + reserved - Math.min(limit, unreservedMin);
  if (wanted <= Math.max(available, reserved)) return;
  throw deploymentError("concurrency-exceeded", {
    message:
      `Functions of ${[...stacks.keys()].join(", ")} reserve ${wanted} concurrent executions, and the account can reserve ` +
      `${Math.max(available, 0)} for them in ${region}: its limit is ${limit}, ${unreserved} are unreserved, and AWS keeps ` +
      `${Math.min(limit, unreservedMin)} of these.`,
    next:
      `Leave reservedConcurrency out, or let it be so low that with four for the coordinator it is ${Math.max(available, 0)} at most; ` +
      `or have the limit raised: Service Quotas, AWS Lambda, "Concurrent executions".`,
  });
}

async function accountLimit(region: string) {
  const client = new LambdaClient({ region });
  const about = { resource: `the account in ${region}`, action: "lambda:GetAccountSettings" };
  try {
    const settings = await calling(about, () => client.send(new GetAccountSettingsCommand({})));
    const { ConcurrentExecutions: limit = 0, UnreservedConcurrentExecutions: unreserved = 0 } =
      settings.AccountLimit ?? {};
    return { limit, unreserved };
  } finally {
    client.destroy();
  }
}

/** What the stack is now; an empty template where it isn't. */
async function deployedIn(region: string, stack: string): Promise<Template> {
  const client = new CloudFormationClient({ region });
  const about = { resource: `stack "${stack}"`, action: "cloudformation:GetTemplate" };
  const command = new GetTemplateCommand({ StackName: stack });
  try {
    const body = await calling(about, async () => {
      try {
        return (await client.send(command)).TemplateBody;
      } catch (thrown) {
        // There is no error of its own for it.
        if (isNamed(thrown, "ValidationError") && messageOf(thrown).includes("does not exist"))
          return undefined;
        throw thrown;
      }
    });
    return JSON.parse(body ?? "{}") as Template;
  } finally {
    client.destroy();
  }
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);
