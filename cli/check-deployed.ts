import { CloudFormationClient } from "@aws-sdk/client-cloudformation";
import { restoreText } from "../cdk/restore-steps.ts";
import type { SynthesizedPlan } from "../cdk/synthesized-plan.ts";
import { compareWithRunning, type Meeting } from "./compare-with-running.ts";
import { deployedConnection } from "./deployed-connection.ts";
import { openStore } from "./open-store.ts";
import { placeText, storeOptions } from "./store-options.ts";

export interface DeployedCheck {
  readonly planned: SynthesizedPlan;
  /** Where a stack goes that names no region. */
  readonly region: string;
  readonly allowNonRestoredState: boolean;
  readonly restoreLater: boolean;
  /** File of outputs, for what is to be said after the deployment. */
  readonly outputs: string;
}

export interface CheckedDeployment {
  /** What the deployment will meet. */
  readonly before: string;
  /** What is to be done after it. */
  readonly after?: string;
}

/**
 * Compares what was synthesized with the job that is deployed, as it is in the account now.
 * @throws what {@link compareWithRunning} throws, and store errors
 */
export async function checkDeployed(check: DeployedCheck): Promise<CheckedDeployment> {
  const { planned, restoreLater } = check;
  const { stack, plan } = planned;
  const region = planned.region ?? check.region;
  const connection = await connectionIn(region, planned);
  if (connection === undefined)
    return {
      before: `stack ${stack} in ${region} has no job ${plan.job}: it starts without state`,
    };
  const { place } = storeOptions({}, { ...connection });
  const store = await openStore(place.kind === "aws" ? { ...place, region } : place);
  try {
    const allowNonRestoredState = check.allowNonRestoredState || planned.allowNonRestoredState;
    const where = `${placeText(place)} --job ${plan.job}`;
    const options = { planned, allowNonRestoredState, restoreLater, place: where };
    return told(await compareWithRunning(store.ports, options), check);
  } finally {
    store.close();
  }
}

async function connectionIn(region: string, planned: SynthesizedPlan) {
  const client = new CloudFormationClient({ region });
  try {
    return await deployedConnection(client, planned);
  } finally {
    client.destroy();
  }
}

function told(meeting: Meeting, { planned, ...check }: DeployedCheck): CheckedDeployment {
  const { job } = planned.plan;
  switch (meeting.kind) {
    case "nothing":
      return { before: `job ${job} has not run yet: there is nothing to compare` };
    case "same-plan":
      return {
        before: `job ${job} goes on in place: its plan is that of generation ${meeting.generation}`,
      };
    case "drained":
      return {
        before: `job ${job} was drained: what is deployed finds it ended, and can't go on from its state`,
      };
    case "restore": {
      const allowNonRestoredState = check.allowNonRestoredState || planned.allowNonRestoredState;
      const place = `--outputs ${check.outputs}`;
      return {
        before: `job ${job} has another plan than generation ${meeting.generation}; its state fits`,
        after: `job ${job} stands still until it is restored: ${restoreText({ entry: planned.entry, allowNonRestoredState, place })}`,
      };
    }
  }
}
