import { parseArgs } from "node:util";
import { flightDelays } from "./apps/flight-delays.ts";
import { ordersDashboard } from "./apps/orders-dashboard.ts";
import { driveApp } from "./drive-app.ts";
import { measureLatency } from "./latency/measure-latency.ts";
import { latencyLines, reportLines } from "./report.ts";
import { awsWorld } from "./worlds/aws-world.ts";
import { calm, localWorld } from "./worlds/local-world.ts";

const usage = `Deploys the example apps, drives them through reshards, redelivery, a redeployment, a stop and a restore, times probes, compares every
row with an independent computation, and takes all of it away again.

  npm run conformance:aws                    on the account that the AWS SDK finds: about an hour, and a few dollars
  npm run conformance:aws -- --local         on this machine, against emulators

  --records <n>    for each app (default 200000; with --local 20000)
  --seconds <n>    in which producers send them (default 1200; with --local 60)
  --probes <n>     latency probes, one after the other (default 500; with --local 20)
  --timeout <s>    patience with each thing that is waited for (default 600)
`;

const { values } = parseArgs({
  options: {
    local: { type: "boolean", default: false },
    records: { type: "string" },
    seconds: { type: "string" },
    probes: { type: "string" },
    timeout: { type: "string", default: "600" },
    help: { type: "boolean", short: "h", default: false },
  },
});

function count(name: "records" | "seconds" | "probes" | "timeout", byDefault: number): number {
  const given = Number(values[name] ?? byDefault);
  if (Number.isSafeInteger(given) && given > 0) return given;
  throw new Error(`--${name} is "${values[name]}"; it takes a whole number above 0.`);
}

/** Answers the exit code: 0 only where no row differs. */
async function run(): Promise<number> {
  const { local } = values;
  const records = count("records", local ? 20_000 : 200_000);
  const seconds = count("seconds", local ? 60 : 1_200);
  const probes = count("probes", local ? 20 : 500);
  const timeoutMs = count("timeout", 600) * 1_000;
  const startedMs = performance.now();
  const say = (line: string): void => {
    const atSeconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    process.stdout.write(`${atSeconds.padStart(7)} s  ${line}\n`);
  };
  const world = local ? await localWorld(calm) : await awsWorld(say);
  try {
    const latency = await measureLatency(world, probes);
    say(`${probes} probes are timed`);
    const apps = [flightDelays(records), ordersDashboard(records)];
    const drives = await Promise.all(
      apps.map((app) => driveApp({ world, app, rate: records / seconds, timeoutMs, say })),
    );
    process.stdout.write(
      `\n${[...reportLines(world, drives), ...latencyLines(latency)].join("\n")}\n`,
    );
    return drives.every(({ differences }) => differences.length === 0) ? 0 : 1;
  } finally {
    await world.close();
  }
}

if (values.help) process.stdout.write(usage);
else process.exitCode = await run();
