import { zlibDecompression } from "../../runtime/node/zlib-decompression.ts";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { packageFolder } from "../../bundle/package-folder.ts";
import { deployedVariables } from "../../cli/deployment-outputs.ts";
import { awsPorts } from "../../runtime/aws/ports.ts";
import { quietTelemetry } from "../../runtime/embedded/console-telemetry.ts";
import {
  systemClock,
  systemRandom,
  zstdCompression,
} from "../../runtime/node/system-environment.ts";
import { systemHeap } from "../../runtime/node/system-heap.ts";
import type { Ports } from "../../runtime/ports/index.ts";
import { unpackDeadLetters } from "../../runtime/job/dead-letter-objects.ts";
import { readGeneration } from "../../runtime/job/generation.ts";
import { listProgress } from "../../runtime/job/progress.ts";
import type { World } from "./worlds/world.ts";

/** A deployed job, for those who operate it. */
export interface DeployedApp {
  readonly job: string;
  readonly ports: Ports;
  /** In AWS, by the name in the job. */
  readonly streams: Readonly<Record<string, string>>;
  readonly exchange: string;
  /** Runs the product's own command line about this job; answers what it printed. Rejects if it fails. */
  command(...args: readonly string[]): Promise<string>;
  /** Records that the living generation's source slots have taken, those before it included. */
  taken(stream: string): Promise<number>;
  /** Where each slot of the living generation is, for people. */
  progress(): Promise<readonly string[]>;
  deadLetters(): Promise<readonly DeadLetterObject[]>;
}

export interface DeadLetterObject {
  readonly key: string;
  readonly kind: string;
  readonly reason: string;
  readonly payload: string;
}

/** Opens what a stack's outputs tell of. */
export function openDeployedApp(
  world: Pick<World, "clients" | "variables">,
  outputsFile: string,
  job: string,
): DeployedApp {
  const variables = deployedVariables({ outputs: outputsFile, job }, {});
  const named = (name: string): Record<string, string> =>
    JSON.parse(variables[name] ?? "{}") as Record<string, string>;
  const tables = named("MILLRACE_TABLES");
  const ports = awsPorts({
    table: variables["MILLRACE_TABLE"]!,
    bucket: variables["MILLRACE_BUCKET"]!,
    tableName: (name) => tables[name]!,
    clients: world.clients,
    environment: {
      clock: systemClock,
      random: systemRandom,
      compression: zstdCompression,
      decompression: zlibDecompression,
      heap: systemHeap(),
      telemetry: quietTelemetry,
    },
  });
  const streams = named("MILLRACE_STREAMS");
  const generation = async (): Promise<number> =>
    (await readGeneration(ports, job))?.generation ?? 1;
  return {
    job,
    ports,
    streams,
    exchange: variables["MILLRACE_EXCHANGE_STREAM"]!,
    command: (...args) => runCommand([...args, "--outputs", outputsFile], world.variables),
    // What a sealed slot counted, its heir counts on.
    taken: async (stream) =>
      (await listProgress(ports, { job, generation: await generation() }))
        .filter((slot) => slot.stream === streams[stream] && !slot.sealed)
        .reduce((sum, { counters }) => sum + counters.records, 0),
    progress: async () =>
      (await listProgress(ports, { job, generation: await generation() })).map((slot) =>
        JSON.stringify({ ...slot, counters: slot.counters.records, part: slot.part?.version }),
      ),
    deadLetters: () => deadLettersOf(ports, job),
  };
}

async function deadLettersOf(
  { objects }: Ports,
  job: string,
): Promise<readonly DeadLetterObject[]> {
  const found: DeadLetterObject[] = [];
  for await (const key of objects.list(`${job}/`)) {
    if (!key.includes("/dead-letters/")) continue;
    const body = await objects.get(key);
    if (body === undefined) continue;
    found.push(...unpackDeadLetters(body).map((letter) => ({ ...letter, key })));
  }
  return found;
}

async function runCommand(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(process.execPath, [join(packageFolder, "cli/millrace.ts"), ...args], {
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => void (printed += chunk.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  if (code === 0) return printed;
  throw new Error(`millrace ${args.join(" ")} ended with ${code}: ${printed.trim()}`);
}

const askAgainMs = 500;

/** Asks until it is so. @throws Error after the time */
export async function until(
  what: string,
  timeoutMs: number,
  isSo: () => Promise<true | string>,
): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  let last: true | string = "never asked";
  while (performance.now() < endMs) {
    last = await isSo();
    if (last === true) return;
    await wait(askAgainMs);
  }
  throw new Error(`Waited ${timeoutMs / 1_000} s for ${what}; the last look: ${last}`);
}
