import { defineCommand, type Given } from "../definition/command.ts";
import { defaulted, flag, oneOf, optional } from "../definition/option.ts";
import { UsageError } from "../usage-error.ts";
import { storeOptionDefinitions } from "./store-options.ts";

export const functionKinds = ["process", "coordinator"] as const;

const unitsMs: Readonly<Record<string, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** `90s`, `10m`, `6h`, `2d`. */
function durationMs(text: string): number {
  const [, count = "", unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = unitsMs[unit];
  if (unitMs !== undefined) return Number(count) * unitMs;
  throw new UsageError("it takes a time such as 90s, 10m, 6h or 2d");
}

const { outputs, job, region, json } = storeOptionDefinitions;
const options = {
  function: optional("name", "process or coordinator (default: both)", oneOf(functionKinds)),
  since: defaulted("10m", {
    placeholder: "time",
    brief: "how far back to begin, such as 90s, 10m, 6h or 2d",
    parse: durationMs,
  }),
  follow: flag("go on until Ctrl-C"),
  outputs,
  job,
  region,
  json,
};

export type LogsGiven = Given<typeof options, readonly []>;

export const logs = defineCommand({
  brief: "show what a deployed job's functions write",
  options,
  args: [],
  notes: [
    "Without --outputs the log groups are those of MILLRACE_PROCESS_LOG_GROUP and MILLRACE_COORDINATOR_LOG_GROUP.",
  ],
  examples: [
    {
      line: "--outputs .millrace/outputs.json --since 1h --follow",
      effect: "the last hour, and what comes",
    },
  ],
  load: async () => (await import("../logs-command.ts")).logsCommand,
});
