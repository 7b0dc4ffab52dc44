import { cdkArguments } from "./cdk-arguments.ts";
import { cdkOf, onlyStack, synthesizeByCdk, withAssembly } from "./cdk-assembly.ts";
import type { DestroyGiven } from "./commands/destroy.ts";
import { retainedResources } from "./retained-resources.ts";
import { runCdk } from "./run-cdk.ts";

/** `millrace destroy`: says what stays, and lets the CDK's command line delete the rest. Answers the exit code. */
export async function destroyCommand(given: DestroyGiven): Promise<number> {
  const destroying = cdkArguments("destroy", given);
  const { stack, forCdk } = destroying;
  const cdk = cdkOf(destroying);
  const { deploymentRegion } = await import("./deployment-identity.ts");
  const region = await deploymentRegion();
  return await withAssembly(destroying, async (folder) => {
    const synthesized = await synthesizeByCdk(destroying, { cdk, region, folder });
    if (synthesized !== 0) return synthesized;
    for (const line of stayLines(folder, stack)) process.stdout.write(`${line}\n`);
    const how = [...onlyStack(stack), "--app", folder, ...forCdk];
    return await runCdk(cdk, ["destroy", ...how], { region });
  });
}

/** As the app is now: CloudFormation goes by what was deployed last. */
function stayLines(folder: string, stack: string | undefined): readonly string[] {
  const retained = retainedResources(folder, stack);
  if (retained.length === 0)
    return ["nothing stays: the app retains no resource, so the job's state goes too"];
  return [
    "these stay, cost what they cost, and can be deleted by hand only; a new deployment makes new ones:",
    ...retained.map(({ type, logicalId }) => `  ${type}  ${logicalId}`),
    'a job that runs is cut off: "millrace stop" before leaves a savepoint of it in the bucket',
  ];
}
