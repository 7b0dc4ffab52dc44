import { CfnOutput, Stack } from "aws-cdk-lib";
import type { Dashboard } from "aws-cdk-lib/aws-cloudwatch";
import type { ILogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { isForeign } from "./foreign-streams.ts";
import type { PipelineApi } from "./api.ts";
import type { PipelineResources } from "./permissions.ts";

/** Given where a job needs no exchange: a value for the variable that nobody will use. */
const noExchange = "none";

/** What tells functions, commands and the console where a job is: environment variables, by name. */
export function connectionOf(
  scope: Construct,
  { job, streams, storage }: PipelineResources,
): Readonly<Record<string, string>> {
  const { exchange, sources, sinks } = streams;
  const { jobTable, bucket, tables, files } = storage;
  const foreign = [...new Set([...Object.values(sources), ...Object.values(sinks)])].filter(
    (stream) => isForeign(scope, stream),
  );
  const json = (names: Record<string, string>) => Stack.of(scope).toJsonString(names);
  return {
    MILLRACE_JOB: job,
    MILLRACE_TABLE: jobTable.tableName,
    MILLRACE_BUCKET: bucket.bucketName,
    MILLRACE_EXCHANGE_STREAM: exchange?.streamName ?? noExchange,
    MILLRACE_STREAMS: json(mapValues({ ...sources, ...sinks }, ({ streamName }) => streamName)),
    MILLRACE_TABLES: json(mapValues(tables, ({ tableName }) => tableName)),
    ...(foreign.length > 0 && {
      MILLRACE_STREAM_ARNS: json(
        Object.fromEntries(foreign.map(({ streamName, streamArn }) => [streamName, streamArn])),
      ),
    }),
    ...(files && {
      MILLRACE_FILES_BUCKET: files.bucket.bucketName,
      MILLRACE_FILES_PREFIX: files.prefix,
    }),
  };
}

/** Where the functions write what happens. */
export interface PipelineLogs {
  readonly process: ILogGroup;
  readonly coordinator: ILogGroup;
}

/**
 * The connection as one output, for `cdk deploy --outputs-file outputs.json` and then `millrace … --outputs outputs.json`;
 * and the name of each stream and table, for people. Answers the connection's output.
 */
export function addOutputs(
  scope: Construct,
  resources: PipelineResources,
  { logs, dashboard, api }: Shown,
): CfnOutput {
  const { job, streams, storage } = resources;
  const { region } = Stack.of(scope);
  const output = (id: string, value: string, description: string) =>
    new CfnOutput(scope, id, { value, description });
  const { exchange, sources, sinks } = streams;
  const connection = {
    ...connectionOf(scope, resources),
    MILLRACE_PROCESS_LOG_GROUP: logs.process.logGroupName,
    MILLRACE_COORDINATOR_LOG_GROUP: logs.coordinator.logGroupName,
    ...(api && { MILLRACE_API_URL: api.reads.url.url }),
    ...(api?.writes && { MILLRACE_API_WRITES_URL: api.writes.url.url }),
    AWS_REGION: region,
  };
  const connected = output(
    "Connection",
    Stack.of(scope).toJsonString(connection),
    `Where commands and the console find the job ${job}`,
  );
  for (const [name, stream] of Object.entries({ ...sources, ...sinks }))
    output(`Stream-${name}`, stream.streamName, `Stream that the job calls ${name}`);
  if (exchange !== undefined)
    output("ExchangeStream", exchange.streamName, `Stream between the stages of the job ${job}`);
  for (const [name, table] of Object.entries(storage.tables))
    output(`Table-${name}`, table.tableName, `Table that the job calls ${name}`);
  output(
    "DeadLetters",
    `s3://${storage.bucket.bucketName}/${job}/`,
    `Dead letters are below <generation>/dead-letters/: millrace deadletters list --outputs <file>`,
  );
  if (api !== undefined)
    output("ApiUrl", api.reads.url.url, `The API of the job ${job}, for signed requests that read`);
  if (api?.writes !== undefined)
    output("ApiWritesUrl", api.writes.url.url, `The same for those that change something`);
  if (dashboard !== undefined)
    output(
      "DashboardUrl",
      `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${dashboard.dashboardName}`,
      `How the job ${job} does`,
    );
  return connected;
}

interface Shown {
  readonly logs: PipelineLogs;
  readonly dashboard?: Dashboard | undefined;
  readonly api?: PipelineApi | undefined;
}

function mapValues<T>(
  record: Readonly<Record<string, T>>,
  map: (value: T) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
