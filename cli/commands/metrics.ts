import { defineCommand, type Given } from "../definition/command.ts";
import { storeOptionDefinitions } from "./store-options.ts";

export type MetricsGiven = Given<typeof storeOptionDefinitions, readonly []>;

export const metrics = defineCommand({
  brief: "print what is measured of a job, in Prometheus' text format",
  options: storeOptionDefinitions,
  args: [],
  notes: [
    "Where Flink has a metric, it has Flink's name. With --json each measurement is an object.",
  ],
  examples: [
    { line: "--dir run", effect: "records, watermarks, state, checkpoints and more, now" },
  ],
  load: async () => (await import("../metrics-command.ts")).metricsCommand,
});
