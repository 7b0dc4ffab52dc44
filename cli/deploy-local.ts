import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { temporaryFolder } from "../dev/temporary-folder.ts";
import type { LocalDeployment } from "../localstack/index.ts";
import { messageOf } from "../runtime/errors/millrace-error.ts";
import {
  defaultEnvironments,
  defaultLogs,
  defaultPollMs,
  type DeployGiven,
  localOutputs,
} from "./commands/deploy.ts";
import { writeLocalOutputs } from "./local-outputs.ts";
import { stopSignal } from "./stop-signals.ts";
import { UsageError } from "./usage-error.ts";
import { whileSaying } from "./waiting.ts";

/** `millrace deploy --local`: a CDK app on this machine, until Ctrl-C. Answers the exit code. */
export async function deployLocally({ values, args: [app] }: DeployGiven): Promise<number> {
  const { environments: maxEnvironments = defaultEnvironments } = values;
  const { "poll-ms": pollMs = defaultPollMs, logs = defaultLogs } = values;
  const { outputs = localOutputs } = values;
  const logFolder = resolve(logs);
  // The AWS SDK takes a while to load: only for those who need it.
  const { deployLocal, synthesize } = await import("../localstack/index.ts");
  const folder = temporaryFolder("deploy");
  mkdirSync(logFolder, { recursive: true });
  const stack = values.stack === undefined ? {} : { stack: values.stack };
  const assembly = await whileSaying(`synthesizing ${app}`, () =>
    synthesize({ app, folder, ...stack }),
  );
  const world = await emulatorsFor(process.env);
  try {
    const deployment = await whileSaying("creating resources", () =>
      deployLocal({
        assembly,
        variables: world.variables,
        logFolder,
        maxEnvironments,
        tuning: { pollMs, shardListMs: pollMs },
        onError: (error) => say(`error: ${messageOf(error)}`),
      }),
    );
    const removeOutputs = writeLocalOutputs(outputs, assembly.name, deployment);
    show(deployment, { logs: logFolder, outputs });
    // Its handlers stay: whoever stops once more while it stops doesn't wait.
    await stopSignal().stopped;
    say("stopping after the batches under way; once more stops at once");
    removeOutputs();
    await whileSaying("stopping", () => deployment.stop());
    showFigures(deployment);
  } finally {
    await world.stop();
  }
  say("stopped");
  return 0;
}

/** Those that the environment's AWS_ENDPOINT_URL leads to, or else some of our own. */
async function emulatorsFor(variables: Readonly<Record<string, string | undefined>>) {
  const { endpointsOf, startEmulators } = await import("../localstack/index.ts");
  const given = endpointsOf(variables);
  const missing = ["KINESIS", "DYNAMODB", "S3"].filter((service) => !(service in given));
  if (missing.length === 0) {
    say("using the emulators that AWS_ENDPOINT_URL and its kin lead to");
    return { variables, stop: async () => {} };
  }
  if (missing.length < 3)
    throw new UsageError(`AWS_ENDPOINT_URL_${missing[0]} is not set, but others of its kin are.`);
  // The first time they are installed, which takes minutes.
  const emulators = await whileSaying("starting emulators", startEmulators);
  for (const { name, url, startupMs } of Object.values(emulators.servers))
    say(`  ${url}  ${name}, ready in ${startupMs} ms`);
  return emulators;
}

function show(
  { resources, functions, mappings, outputs, variables }: LocalDeployment,
  files: { readonly logs: string; readonly outputs: string },
): void {
  for (const { type, names, by } of resources)
    say(`  ${type.padEnd(22)} ${names.ref}, created by ${by}`);
  for (const name of functions.keys())
    say(`  AWS::Lambda::Function  ${name}, log in ${join(files.logs, `${name}.log`)}`);
  for (const { configuration, functionName } of mappings)
    say(
      `  ${configuration.stream} -> ${functionName}, ${configuration.batchSize} records or ${configuration.batchWindowMs} ms`,
    );
  say("roles, policies and log groups are left out");
  say(`\nin another shell: millrace status --outputs ${files.outputs}`);
  say("or, for other programs:");
  for (const [name, value] of Object.entries(variables)) say(`  export ${name}=${value}`);
  say("\noutputs:");
  for (const [id, value] of Object.entries(outputs)) say(`  ${id} = ${value}`);
  say("\nCtrl-C stops everything; nothing is kept.");
}

function showFigures({ functions, mappings }: LocalDeployment): void {
  for (const [name, { figures }] of functions) {
    const { invocations, errors, coldStartsMs } = figures();
    say(
      `${name}: ${invocations} invocations, ${errors} errors, ${coldStartsMs.length} cold starts`,
    );
  }
  for (const { configuration, figures } of mappings)
    say(
      `${configuration.stream}: ${figures.records} records in ${figures.invocations} batches, ${figures.failures} failed, ${figures.discarded} records given up`,
    );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
