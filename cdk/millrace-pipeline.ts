import { Duration } from "aws-cdk-lib";
import type { Dashboard } from "aws-cdk-lib/aws-cloudwatch";
import {
  Grant,
  PermissionsBoundary,
  type IGrantable,
  type IPrincipal,
  type PolicyStatement,
} from "aws-cdk-lib/aws-iam";
import type { Function as Lambda } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { loadPlan } from "../bundle/load-plan.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { createAlarms, type PipelineAlarms } from "./alarms.ts";
import { apiMissing, createPipelineApi, type PipelineApi } from "./api.ts";
import { claimPlaces } from "./claims.ts";
import { compareWithDeployed } from "./compare-with-deployed.ts";
import { addOutputs, connectionOf, type PipelineLogs } from "./connection.ts";
import { createDashboard } from "./dashboard.ts";
import { leavePlan } from "./leave-plan.ts";
import { createMappings } from "./event-source-mappings.ts";
import { letLogsUse } from "./encryption.ts";
import { createJobFunction, type JobFunction, type JobFunctionProps } from "./functions.ts";
import { addStreamPolicies } from "./foreign-streams.ts";
import { ImportedPipeline, notePipeline } from "./imported-pipeline.ts";
import { PipelineMetrics, type IMillracePipeline } from "./metrics.ts";
import { networkOf } from "./network.ts";
import {
  commandStatements,
  coordinatorStatements,
  grantKeys,
  processStatements,
  type PipelineResources,
} from "./permissions.ts";
import { coordinatorConcurrency, settingsOf, type PipelineSettings } from "./pipeline-settings.ts";
import type { MillracePipelineProps } from "./props.ts";
import { scheduleCoordinator } from "./schedules.ts";
import { createStorage, type PipelineStorage } from "./storage.ts";
import { createStreams, type PipelineStreams } from "./streams.ts";
import { acknowledgeFindings } from "./acknowledged-findings.ts";

/**
 * All that a job needs to run: streams, tables, bucket, two functions, their roles and event source mappings, alarms and a
 * dashboard. The job is bundled and planned while the construct is made, so a job that can't run, or can't go on from
 * its state, stops the synthesis.
 *
 *     new MillracePipeline(this, "AirportDelays", { entry: "jobs/airport-delays.ts" });
 *
 * As a grantee it stands for the process function: `table.grantReadData(pipeline)`.
 *
 * @throws deployment and job errors: the entry is missing, doesn't compile, exports no job, or its plan is refused; state
 * errors where `stateOf` shows that the job can't go on from its state.
 */
export class MillracePipeline extends PipelineMetrics implements IGrantable {
  /** A pipeline of another stack in the same account and region, for its metrics and functions. */
  static fromPipelineName(scope: Construct, id: string, pipelineName: string): IMillracePipeline {
    return new ImportedPipeline(scope, id, pipelineName);
  }

  readonly pipelineName: string;
  readonly plan: Plan;
  readonly streams: PipelineStreams;
  readonly storage: PipelineStorage;
  readonly processFunction: Lambda;
  readonly coordinatorFunction: Lambda;
  /** By name; none with `alarms: false`. */
  readonly alarms: PipelineAlarms;
  readonly dashboard?: Dashboard;
  /** The API's functions, with `api`. */
  readonly api?: PipelineApi;
  readonly grantPrincipal: IPrincipal;
  /** Size of the process function's code, unzipped; 0 where the CDK was told not to bundle this stack's. */
  readonly bundleBytes: number;
  readonly #resources: PipelineResources;
  readonly #logs: PipelineLogs;

  constructor(scope: Construct, id: string, props: MillracePipelineProps) {
    super(scope, id);
    this.plan = loadPlan(props.entry);
    const settings = settingsOf(props, this.plan);
    compareWithDeployed(this, this.plan, settings);
    claimPlaces(this, this.plan.job, settings);
    this.pipelineName = settings.pipelineName;
    this.streams = createStreams(this, this.plan, settings);
    this.storage = createStorage(this, this.plan, settings);
    const { streams, storage, plan, pipelineName } = this;
    const { encryptionKey: key, permissionsBoundary } = settings;
    this.#resources = { job: plan.job, streams, storage, ...(key && { key }) };
    letLogsUse(this, key);
    const placed = { settings, network: networkOf(this, settings) };
    const process = this.#createProcess(placed);
    const coordinator = this.#createCoordinator(placed, process.function);
    const api = createPipelineApi(this, {
      ...placed,
      resources: this.#resources,
      environment: this.#environment(settings),
    });
    if (api !== undefined) this.api = api;
    if (permissionsBoundary !== undefined) PermissionsBoundary.of(this).apply(permissionsBoundary);
    this.processFunction = process.function;
    this.coordinatorFunction = coordinator.function;
    this.bundleBytes = process.bundleBytes;
    this.grantPrincipal = process.role;
    const users = {
      process: process.role,
      coordinator: coordinator.role,
      reads: api?.reads.role,
      writes: api?.writes?.role,
    };
    grantKeys(users, this.#resources, settings.encryptionKeys);
    addStreamPolicies(this, streams, {
      process: process.role.roleArn,
      coordinator: coordinator.role.roleArn,
    });
    scheduleCoordinator(this, coordinator.function);
    const targets = { process: process.function, streams, bucket: storage.bucket };
    createMappings(this, targets, { plan, settings });
    const writesFiles = (storage.files?.written.length ?? 0) > 0;
    const watched = { pipeline: this, streams, storage };
    this.alarms = createAlarms(this, { ...watched, writesFiles, settings });
    if (settings.dashboard)
      this.dashboard = createDashboard(this, { ...watched, alarms: this.alarms });
    const { processFunction, coordinatorFunction } = this;
    notePipeline(this, {
      pipelineName,
      process: processFunction,
      coordinator: coordinatorFunction,
    });
    acknowledgeFindings({
      process,
      coordinator,
      api,
      settings,
      bucket: storage.bucket,
      job: plan.job,
    });
    this.#logs = { process: process.logGroup, coordinator: coordinator.logGroup };
    const { dashboard } = this;
    const connection = addOutputs(this, this.#resources, { logs: this.#logs, dashboard, api });
    leavePlan(this, { plan, settings, connection });
  }

  /** May list and describe checkpoints and read state and logs, as `millrace status`, `millrace savepoint read` and `millrace logs` do. */
  grantRead(grantee: IGrantable): Grant {
    return this.#grantCommands(grantee, { mayChange: false });
  }

  /** May take, copy, restore and delete savepoints and stop the job too. */
  grantOperate(grantee: IGrantable): Grant {
    return this.#grantCommands(grantee, { mayChange: true });
  }

  /** May ask the API for what reads; with `api`. @throws deployment error `api-missing` */
  grantReadApi(grantee: IGrantable): Grant {
    return this.#grantApi(grantee, "reads");
  }

  /** May ask the API to change something; with `api: { writes: true }`. @throws deployment error `api-missing` */
  grantWriteApi(grantee: IGrantable): Grant {
    return this.#grantApi(grantee, "writes");
  }

  #grantApi(grantee: IGrantable, which: keyof PipelineApi): Grant {
    const granted = this.api?.[which];
    if (granted === undefined) throw apiMissing(this.pipelineName, which);
    return granted.url.grantInvokeUrl(grantee);
  }

  #grantCommands(grantee: IGrantable, may: { readonly mayChange: boolean }): Grant {
    const { process, coordinator } = this.#logs;
    const statements = grantAll(grantee, commandStatements(this.#resources, may));
    return [process, coordinator]
      .map((group) => group.grant(grantee, "logs:FilterLogEvents"))
      .reduce((all, grant) => all.combine(grant), statements);
  }

  #createProcess(placed: Placed): JobFunction {
    const { settings } = placed;
    const { reservedConcurrency: reserved } = settings;
    return createJobFunction(this, "Process", {
      kind: "process",
      ...placed,
      description: `Processes the batches of the job ${this.plan.job}`,
      environment: this.#environment(settings),
      statements: processStatements(this.#resources),
      limits: {
        memorySize: settings.memoryMiB,
        timeout: settings.timeout,
        // A direct invocation that failed is not repeated by Lambda: the coordinator asks again while it has to.
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
        ...(reserved !== "none" && { reservedConcurrentExecutions: reserved }),
      },
    });
  }

  #createCoordinator(placed: Placed, process: Lambda): JobFunction {
    const { settings } = placed;
    return createJobFunction(this, "Coordinator", {
      kind: "coordinator",
      ...placed,
      description: `Coordinates the job ${this.plan.job}`,
      environment: {
        ...this.#environment(settings),
        MILLRACE_PROCESS_FUNCTION: process.functionName,
        MILLRACE_EXCHANGE_RETENTION_MS: String(settings.exchangeRetention.toMilliseconds()),
        ...(settings.userMetrics && { MILLRACE_USER_METRICS: "true" }),
        ...(settings.api !== false && { MILLRACE_SAMPLE_EVERY_MS: String(sampleEveryMs) }),
        ...(settings.deadLetterRetention && {
          MILLRACE_DEAD_LETTER_RETENTION_MS: String(settings.deadLetterRetention.toMilliseconds()),
        }),
      },
      statements: coordinatorStatements(this.#resources, process),
      // A start that failed is not repeated: the rule's next one is at most a minute away.
      limits: {
        memorySize: 512,
        timeout: Duration.minutes(5),
        retryAttempts: 0,
        maxEventAge: Duration.minutes(1),
        ...(settings.reservedConcurrency !== "none" && {
          reservedConcurrentExecutions: coordinatorConcurrency,
        }),
      },
    });
  }

  #environment(settings: PipelineSettings): Record<string, string> {
    const { pipelineName, batchWindow, logLevel } = settings;
    return {
      MILLRACE_PIPELINE: pipelineName,
      MILLRACE_LOG_LEVEL: logLevel,
      MILLRACE_BATCH_WINDOW_MS: String(batchWindow.toMilliseconds()),
      ...connectionOf(this, this.#resources),
    };
  }
}

/** For the charts of the console: each is a row that is written. */
const sampleEveryMs = 10_000;

type Placed = Pick<JobFunctionProps, "settings" | "network">;

function grantAll(grantee: IGrantable, statements: readonly PolicyStatement[]): Grant {
  return statements
    .map(({ actions, resources }) =>
      Grant.addToPrincipal({ grantee, actions, resourceArns: resources }),
    )
    .reduce((all, grant) => all.combine(grant));
}
