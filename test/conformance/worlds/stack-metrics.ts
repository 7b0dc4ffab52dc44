import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
} from "@aws-sdk/client-cloudwatch";
import type { StackResource } from "./stacks.ts";
import { coordinatorMiB, processMiB } from "./memory.ts";
import type { Invocations } from "./world.ts";

export interface MetricsOptions {
  /** Names of the functions. */
  readonly process: string;
  readonly coordinator: string;
  /** All of the stack. */
  readonly resources: readonly StackResource[];
  readonly startedMs: number;
  readonly endedMs: number;
}

const periodSeconds = 60;

/** What CloudWatch counted since then; its figures are some minutes behind ({@link settled} waits for them), and durations are the medians of minutes. */
export async function invocationsOf(
  client: CloudWatchClient,
  { process, coordinator, resources, startedMs, endedMs }: MetricsOptions,
): Promise<Invocations> {
  const valuesOf = async (metric: MetricOf): Promise<readonly number[]> => {
    const answer = await client.send(
      new GetMetricDataCommand({
        StartTime: new Date(startedMs),
        EndTime: new Date(endedMs),
        MetricDataQueries: [query(metric)],
      }),
    );
    return answer.MetricDataResults?.[0]?.Values ?? [];
  };
  const sumOf = async (metric: Omit<MetricOf, "statistic">): Promise<number> =>
    (await valuesOf({ ...metric, statistic: "Sum" })).reduce((sum, value) => sum + value, 0);
  const ofLambda = (name: string, of: string) =>
    sumOf({ namespace: "AWS/Lambda", name, dimension: "FunctionName", of });
  const overAll = async (type: string, metric: Omit<MetricOf, "statistic" | "of">) => {
    const ofType = resources.filter((resource) => resource.type === type);
    const sums = await Promise.all(ofType.map(({ name: of }) => sumOf({ ...metric, of })));
    return sums.reduce((sum, value) => sum + value, 0);
  };
  const ofTables = (name: string) =>
    overAll("AWS::DynamoDB::Table", { namespace: "AWS/DynamoDB", name, dimension: "TableName" });
  const invocations = await ofLambda("Invocations", process);
  const rounds = await ofLambda("Invocations", coordinator);
  const gibSeconds =
    ((await ofLambda("Duration", process)) / 1_000) * (processMiB / 1_024) +
    ((await ofLambda("Duration", coordinator)) / 1_000) * (coordinatorMiB / 1_024);
  return {
    process: invocations,
    coordinator: rounds,
    errors: await ofLambda("Errors", process),
    usage: {
      invocations: invocations + rounds,
      gibSeconds,
      writeUnits: await ofTables("ConsumedWriteCapacityUnits"),
      readUnits: await ofTables("ConsumedReadCapacityUnits"),
      putUnits: await overAll("AWS::Kinesis::Stream", {
        namespace: "AWS/Kinesis",
        name: "IncomingRecords",
        dimension: "StreamName",
      }),
    },
    coldStartsMs: [],
    durationsMs: await valuesOf({
      namespace: "AWS/Lambda",
      name: "Duration",
      dimension: "FunctionName",
      of: process,
      statistic: "p50",
    }),
  };
}

interface MetricOf {
  readonly namespace: string;
  readonly name: string;
  readonly dimension: string;
  /** The dimension's value. */
  readonly of: string;
  readonly statistic: string;
}

function query({ namespace, name, dimension, of, statistic }: MetricOf): MetricDataQuery {
  return {
    Id: "metric",
    MetricStat: {
      Metric: {
        Namespace: namespace,
        MetricName: name,
        Dimensions: [{ Name: dimension, Value: of }],
      },
      Period: periodSeconds,
      Stat: statistic,
    },
  };
}
