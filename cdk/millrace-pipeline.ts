import { CfnOutput, Duration, Stack } from "aws-cdk-lib";
import type { Function as Lambda } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { loadPlan } from "../bundle/load-plan.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { createMappings } from "./event-source-mappings.ts";
import { createJobFunction, scheduleEveryMinute, type JobFunction } from "./functions.ts";
import { coordinatorStatements, processStatements } from "./permissions.ts";
import { settingsOf, type PipelineSettings } from "./pipeline-settings.ts";
import type { MillracePipelineProps } from "./props.ts";
import { createStorage, type PipelineStorage } from "./storage.ts";
import { createStreams, type PipelineStreams } from "./streams.ts";
import { acknowledgeWildcards } from "./wildcards.ts";

/**
 * All that a job needs to run: streams, tables, bucket, two functions, their roles and event source mappings. The job is
 * bundled and planned while the construct is made, so a job that can't run stops the synthesis.
 *
 *     new MillracePipeline(this, "AirportDelays", { entry: "jobs/airport-delays.ts" });
 *
 * @throws deployment and job errors: the entry is missing, doesn't compile, exports no job, or its plan is refused.
 */
export class MillracePipeline extends Construct {
  readonly plan: Plan;
  readonly streams: PipelineStreams;
  readonly storage: PipelineStorage;
  readonly processFunction: Lambda;
  readonly coordinatorFunction: Lambda;
  /** Size of the process function's code, unzipped. */
  readonly bundleBytes: number;

  constructor(scope: Construct, id: string, props: MillracePipelineProps) {
    super(scope, id);
    this.plan = loadPlan(props.entry);
    const settings = settingsOf(props, this.plan);
    this.streams = createStreams(this, this.plan, settings);
    this.storage = createStorage(this, this.plan, settings);
    const process = this.#createProcess(settings);
    const coordinator = this.#createCoordinator(settings, process.function);
    this.processFunction = process.function;
    this.coordinatorFunction = coordinator.function;
    this.bundleBytes = process.bundleBytes;
    scheduleEveryMinute(this, coordinator.function);
    const { streams, storage, plan } = this;
    const targets = { process: process.function, streams, bucket: storage.bucket };
    createMappings(this, targets, { plan, settings });
    const { bucket } = storage;
    acknowledgeWildcards({ process: process.role, coordinator: coordinator.role, bucket });
    this.#addOutputs();
  }

  #createProcess(settings: PipelineSettings): JobFunction {
    const { reservedConcurrency } = settings;
    return createJobFunction(this, "Process", {
      kind: "process",
      settings,
      description: `Processes the batches of the job ${this.plan.job}`,
      environment: this.#environment(),
      statements: processStatements(this.streams, this.storage),
      limits: {
        memorySize: settings.memoryMiB,
        timeout: settings.timeout,
        ...(reservedConcurrency !== undefined && {
          reservedConcurrentExecutions: reservedConcurrency,
        }),
      },
    });
  }

  #createCoordinator(settings: PipelineSettings, process: Lambda): JobFunction {
    return createJobFunction(this, "Coordinator", {
      kind: "coordinator",
      settings,
      description: `Coordinates the job ${this.plan.job}`,
      environment: { ...this.#environment(), MILLRACE_PROCESS_FUNCTION: process.functionName },
      statements: coordinatorStatements(this.streams, this.storage, process),
      // A start that failed is not repeated: the rule's next one is at most a minute away.
      limits: {
        memorySize: 512,
        timeout: Duration.minutes(5),
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
      },
    });
  }

  #environment(): Record<string, string> {
    const { exchange, sources, sinks } = this.streams;
    const { jobTable, bucket, tables } = this.storage;
    const json = (names: Record<string, string>) => Stack.of(this).toJsonString(names);
    return {
      MILLRACE_JOB: this.plan.job,
      MILLRACE_TABLE: jobTable.tableName,
      MILLRACE_BUCKET: bucket.bucketName,
      MILLRACE_EXCHANGE_STREAM: exchange.streamName,
      MILLRACE_STREAMS: json(mapValues({ ...sources, ...sinks }, ({ streamName }) => streamName)),
      MILLRACE_TABLES: json(mapValues(tables, ({ tableName }) => tableName)),
    };
  }

  #addOutputs(): void {
    const { exchange, sources, sinks } = this.streams;
    const { jobTable, bucket, tables } = this.storage;
    const outputs = {
      ProcessFunction: this.processFunction.functionName,
      CoordinatorFunction: this.coordinatorFunction.functionName,
      JobTableName: jobTable.tableName,
      BucketName: bucket.bucketName,
      ExchangeStream: exchange.streamName,
    };
    const output = (id: string, value: string, description: string) =>
      new CfnOutput(this, id, { value, description });
    for (const [id, value] of Object.entries(outputs))
      output(id, value, `${id} of the job ${this.plan.job}`);
    for (const [name, stream] of Object.entries({ ...sources, ...sinks }))
      output(`Stream-${name}`, stream.streamName, `Stream that the job calls ${name}`);
    for (const [name, table] of Object.entries(tables))
      output(`Table-${name}`, table.tableName, `Table that the job calls ${name}`);
  }
}

function mapValues<T>(
  record: Readonly<Record<string, T>>,
  map: (value: T) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]));
}
