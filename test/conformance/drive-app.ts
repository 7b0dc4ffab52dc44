import { setTimeout as wait } from "node:timers/promises";
import type { AppUnderTest } from "./app-under-test.ts";
import { type DeployedApp, openDeployedApp, until } from "./deployed-app.ts";
import { checkPoison, putPoison, redeliverOldest } from "./odd-records.ts";
import { mergeSmallest, splitLargest } from "./reshard.ts";
import { duplicatesIn, pacedReader, streamContents } from "./stream-contents.ts";
import type { DeployedStack, Invocations, World } from "./worlds/world.ts";

export interface DriveOptions {
  readonly world: World;
  readonly app: AppUnderTest;
  /** Of the producers, per second. */
  readonly rate: number;
  /** Patience with each thing that is waited for. */
  readonly timeoutMs: number;
  readonly say: (line: string) => void;
}

/** What became of an app. */
export interface Drive {
  readonly job: string;
  /** Records that the source's stream holds in the end. */
  readonly records: number;
  /** Of these, what producers sent for a second time. */
  readonly duplicates: number;
  readonly splits: number;
  readonly merges: number;
  /** Records that were handed over again by the run itself. */
  readonly redelivered: number;
  readonly redeployments: number;
  readonly deadLetters: number;
  readonly rows: number;
  /** Empty where the tables equal the independent computation, and the dead letters are those that must be. */
  readonly differences: readonly string[];
  readonly invocations: Invocations;
}

/**
 * Deploys an app and drives it to its end: producers send while its streams are split and merged, batches
 * come again, the job is redeployed, stopped with a savepoint, and restored on other shards. At the end it is drained, and its tables are
 * held against an independent computation.
 */
export async function driveApp(options: DriveOptions): Promise<Drive> {
  const { world, app } = options;
  const say = (line: string): void => options.say(`${app.job}: ${line}`);
  const stack = await world.deploy(app);
  const deployed = openDeployedApp(world, stack.outputsFile, app.job);
  say("deployed");
  try {
    return await driveToTheEnd({ ...options, say }, stack, deployed);
  } catch (thrown) {
    for (const line of await deployed.progress()) say(line);
    throw thrown;
  }
}

async function driveToTheEnd(
  options: DriveOptions,
  stack: DeployedStack,
  deployed: DeployedApp,
): Promise<Drive> {
  const { app, timeoutMs, say } = options;
  const feeding = startFeeding(options, deployed);
  const operated = operate({ ...options, stack, deployed, feeding });
  // Whatever fails first is what went wrong.
  const [operations] = await Promise.all([operated, feeding.done]);
  const { reader, clock } = deployed.ports;
  const sent = await streamContents(pacedReader(reader, clock), deployed.streams[app.stream]!);
  const duplicates = duplicatesIn(sent);
  say(`${sent.length} records are sent, ${duplicates} of them for a second time`);
  await until(`${app.job} to take ${sent.length} records`, timeoutMs, async () => {
    const taken = await deployed.taken(app.stream);
    return taken === sent.length ? true : `${taken} are taken`;
  });
  say("all are taken");
  await deployed.command("stop", "--drain", "--timeout", String(timeoutMs / 1_000));
  say("drained");
  const comparison = await app.compare((table) => deployed.ports.tables.scan(table), sent);
  const deadLetters = await deployed.deadLetters();
  return {
    job: app.job,
    records: sent.length,
    duplicates,
    ...operations,
    deadLetters: deadLetters.length,
    rows: comparison.rows,
    differences: [
      ...comparison.differences,
      ...checkPoison(deadLetters, { refused: comparison.refused }),
    ],
    invocations: await stack.invocations(),
  };
}

interface Feeding {
  readonly done: Promise<void>;
  /** Resolves when this share of everything has been sent. */
  reached(share: number): Promise<void>;
  /** Nothing is waited for any more: the rest is sent. */
  goOn(): void;
}

/** How far producers go while the operator is busy, as a share of everything: on a slow machine all would be sent before the job is changed. */
const leadShare = 0.1;

function startFeeding(
  { world, app, rate }: DriveOptions,
  { ports, streams }: DeployedApp,
): Feeding {
  let position = 0;
  let failure: Error | undefined;
  let limit = leadShare;
  let moved = Promise.withResolvers<void>();
  const sendUpTo = (share: number): void => {
    limit = share;
    moved.resolve();
    moved = Promise.withResolvers();
  };
  const writer = app.producersRetry ? world.producersWriter : ports.writer;
  const done = app.feed({
    writer: {
      put: async (...put) => {
        while (position >= limit * app.size) await moved.promise;
        return writer.put(...put);
      },
    },
    stream: streams[app.stream]!,
    rate,
    onPut: (now) => (position = now),
  });
  done.catch((cause: unknown) => (failure = new Error("feeding failed", { cause })));
  return {
    done,
    reached: async (share) => {
      sendUpTo(share + leadShare);
      while (position < share * app.size) {
        if (failure !== undefined) throw failure;
        await wait(50);
      }
    },
    goOn: () => sendUpTo(Infinity),
  };
}

interface Operation extends DriveOptions {
  readonly stack: DeployedStack;
  readonly deployed: DeployedApp;
  readonly feeding: Feeding;
}

/** What an operator does while records come. */
async function operate(operation: Operation) {
  const { world, app, stack, deployed, feeding, timeoutMs, say } = operation;
  let splits = 0;
  let merges = 0;
  const { kinesis } = world.clients;
  const source = deployed.streams[app.stream]!;
  const split = async (stream: string): Promise<void> => {
    say(`split ${await splitLargest(kinesis, stream)} of ${stream}`);
    splits += 1;
  };
  const merge = async (stream: string): Promise<void> => {
    say(`merged ${await mergeSmallest(kinesis, stream)} of ${stream}`);
    merges += 1;
  };
  const timeout = ["--timeout", String(timeoutMs / 1_000)];

  await feeding.reached(0.1);
  await split(source);
  await feeding.reached(0.2);
  await split(deployed.exchange);
  await feeding.reached(0.3);
  await putPoison(kinesis, source);
  let redelivered = await redeliverOldest({ deployed, stack, stream: source });
  say(`a poisoned record is sent, and ${redelivered} records are handed over again`);
  await merge(source);
  await feeding.reached(0.4);
  if (app.changed !== undefined) {
    await stack.redeploy(app.changed);
    say("redeployed with a changed job");
  }
  await deployed.command("savepoint", "take", "--id", "in-flight", ...timeout);
  say("a savepoint is taken");
  await feeding.reached(0.5);
  redelivered += await redeliverOldest({ deployed, stack, stream: deployed.exchange });
  await split(deployed.exchange);
  await feeding.reached(0.6);
  await deployed.command("stop", "--id", "before-restore", ...timeout);
  say("stopped with a savepoint");
  await split(source);
  await merge(deployed.exchange);
  await feeding.reached(0.7);
  await deployed.command("restore", "before-restore", app.jobFile);
  say("restored on other shards");
  feeding.goOn();
  return { splits, merges, redelivered, redeployments: app.changed === undefined ? 0 : 1 };
}
