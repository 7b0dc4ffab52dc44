import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import type { Invocations } from "./world.ts";

export interface MetricsOptions {
  /** Names of the functions. */
  readonly process: string;
  readonly coordinator: string;
  readonly startedMs: number;
}

const periodSeconds = 60;

/** What CloudWatch counted since then; its figures are some minutes behind, and durations are the medians of minutes. */
export async function invocationsOf(
  client: CloudWatchClient,
  { process, coordinator, startedMs }: MetricsOptions,
): Promise<Invocations> {
  const answer = await client.send(
    new GetMetricDataCommand({
      StartTime: new Date(startedMs),
      EndTime: new Date(),
      MetricDataQueries: [
        query("process", { name: "Invocations", of: process, statistic: "Sum" }),
        query("coordinator", { name: "Invocations", of: coordinator, statistic: "Sum" }),
        query("errors", { name: "Errors", of: process, statistic: "Sum" }),
        query("durations", { name: "Duration", of: process, statistic: "p50" }),
      ],
    }),
  );
  const valuesOf = (id: string): readonly number[] =>
    answer.MetricDataResults?.find(({ Id }) => Id === id)?.Values ?? [];
  const sumOf = (id: string): number => valuesOf(id).reduce((sum, value) => sum + value, 0);
  return {
    process: sumOf("process"),
    coordinator: sumOf("coordinator"),
    errors: sumOf("errors"),
    coldStartsMs: [],
    durationsMs: valuesOf("durations"),
  };
}

interface Statistic {
  readonly name: string;
  /** A function. */
  readonly of: string;
  readonly statistic: string;
}

function query(Id: string, { name, of, statistic }: Statistic): MetricDataQuery {
  return {
    Id,
    MetricStat: {
      Metric: {
        Namespace: "AWS/Lambda",
        MetricName: name,
        Dimensions: [{ Name: "FunctionName", Value: of }],
      },
      Period: periodSeconds,
      Stat: statistic,
    },
  };
}
