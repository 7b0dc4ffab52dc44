import { Annotations, Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  Metric,
  TreatMissingData,
  type AlarmProps,
} from "aws-cdk-lib/aws-cloudwatch";
import { Construct } from "constructs";
import type { IMillracePipeline } from "./metrics.ts";
import type { PipelineSettings } from "./pipeline-settings.ts";
import type { ResultTable } from "./props.ts";
import type { PipelineStorage } from "./storage.ts";
import { shortestRetention } from "./stream-retention.ts";
import type { PipelineStreams } from "./streams.ts";

/** Alarms by the names that docs/deployment.md explains. */
export type PipelineAlarms = Readonly<Record<string, Alarm>>;

type Watched = Pick<AlarmProps, "metric" | "threshold" | "alarmDescription"> & Partial<AlarmProps>;

export interface WatchedPipeline {
  readonly pipeline: IMillracePipeline;
  readonly streams: PipelineStreams;
  readonly storage: PipelineStorage;
  readonly writesFiles: boolean;
  readonly settings: PipelineSettings;
}

export function createAlarms(scope: Construct, watched: WatchedPipeline): PipelineAlarms {
  const { settings } = watched;
  if (!settings.alarms) return {};
  const parent = new Construct(scope, "Alarms");
  if (settings.alarmActions.length === 0)
    Annotations.of(scope).addWarningV2(
      "millrace:nobody-is-told",
      `No alarm of the pipeline "${settings.pipelineName}" tells anybody: give alarmActions, for example [new SnsAction(topic)], or alarms: false.`,
    );
  const all = {
    ...delays(watched),
    ...throttles(watched),
    ...faults(watched),
    ...reports(watched),
  };
  const alarms = Object.entries(all).map(([name, props]): [string, Alarm] => {
    const alarm = new Alarm(parent, name, {
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...props,
      alarmDescription: `Millrace ${settings.pipelineName}: ${props.alarmDescription}`,
    });
    alarm.addAlarmAction(...settings.alarmActions);
    alarm.addOkAction(...settings.alarmActions);
    return [name, alarm];
  });
  return Object.fromEntries(alarms);
}

/** The job is behind, or will be. */
function delays({ pipeline, streams, settings }: WatchedPipeline): Record<string, Watched> {
  const { iteratorAgeMax } = settings;
  return {
    IteratorAge: {
      metric: pipeline.metricIteratorAge(),
      threshold: iteratorAgeMax.toMilliseconds(),
      ...most(5),
      alarmDescription: "records wait too long for their batch",
    },
    RetentionNear: {
      metric: pipeline.metricIteratorAge(),
      threshold: shortestRetention(streams, settings).toMilliseconds() * 0.8,
      alarmDescription: "records are about to expire before they are processed",
    },
    WatermarkLag: {
      metric: pipeline.metricWatermarkLag(),
      threshold: settings.watermarkLagMax.toMilliseconds(),
      evaluationPeriods: 15,
      alarmDescription:
        "the slowest watermark is far behind the clock: windows stay open; has a stream or a shard fallen silent?",
    },
    LateElements: {
      metric: pipeline.metricLateElements(),
      threshold: settings.lateElementsMax,
      ...most(5),
      alarmDescription:
        "elements come too late for their windows: raise the bound, or see whose clock is wrong",
    },
    UndrainedParents: {
      metric: pipeline.metricUndrainedParents(),
      threshold: 1,
      evaluationPeriods: 15,
      alarmDescription: "closed shards stay unread, or are not taken over by their children",
    },
  };
}

/** A service holds the job back. */
function throttles({ pipeline, streams, storage }: WatchedPipeline): Record<string, Watched> {
  const summed = { statistic: "Sum", period: Duration.minutes(1) };
  const ofTable = ({ tableName: TableName }: ResultTable, alarmDescription: string): Watched => ({
    metric: new Metric({
      namespace: "AWS/DynamoDB",
      metricName: "WriteThrottleEvents",
      dimensionsMap: { TableName },
      ...summed,
    }),
    threshold: 1,
    ...most(5),
    alarmDescription,
  });
  const tables = Object.entries(storage.tables).map(([name, table]): [string, Watched] => [
    `TableThrottles-${name}`,
    ofTable(table, `the table ${name} refuses rows for a while: is one key written too often?`),
  ]);
  return {
    Throttles: {
      metric: pipeline.metricThrottles(),
      threshold: 1,
      ...most(5),
      alarmDescription: "Lambda holds batches back: more reserved concurrency is needed",
    },
    ...(streams.exchange && {
      ExchangeThrottles: {
        metric: streams.exchange.metricWriteProvisionedThroughputExceeded(summed),
        threshold: 1,
        ...most(5),
        alarmDescription: "the exchange stream refuses records: it needs more shards",
      },
    }),
    JobTableThrottles: ofTable(
      storage.jobTable,
      "the job's own table refuses commits for a while: batches wait",
    ),
    ...Object.fromEntries(tables),
  };
}

/** Something fails. */
function faults({ pipeline }: WatchedPipeline): Record<string, Watched> {
  return {
    Errors: {
      metric: pipeline.metricErrors(),
      threshold: 1,
      ...most(5),
      alarmDescription: "the process function keeps failing; its log says why",
    },
    CoordinatorErrors: {
      metric: pipeline.metricCoordinatorErrors(),
      threshold: 1,
      ...most(5),
      alarmDescription: "the coordinator keeps failing; its log says why",
    },
    CoordinatorSilent: {
      metric: pipeline.coordinatorFunction.metricInvocations({
        statistic: "Sum",
        period: Duration.minutes(1),
      }),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      treatMissingData: TreatMissingData.BREACHING,
      evaluationPeriods: 5,
      alarmDescription: "nobody starts the coordinator: watermarks and checkpoints stand still",
    },
    DeadLetters: {
      metric: pipeline.metricDeadLetters(),
      threshold: 1,
      alarmDescription: "elements could not be processed and were put aside",
    },
  };
}

/** What the job itself calls an alarm, or comes near to one. */
function reports({ pipeline, writesFiles }: WatchedPipeline): Record<string, Watched> {
  const reported = (code: string, alarmDescription: string): Watched => ({
    metric: pipeline.metricAlarms(code),
    threshold: 1,
    alarmDescription,
  });
  return {
    EpochsFailing: reported("epochs-failing", "more checkpoints expire than the job tolerates"),
    WritesRefused: reported(
      "write-refused",
      "a result table or stream refuses what the job writes",
    ),
    RingNearEnd: {
      metric: pipeline.metricRingUsed(),
      threshold: 75,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      alarmDescription: "the log of a slot fills up, since its parts are not written",
    },
    RingFull: reported("ring-full", "a slot stands still until a part can be written"),
    PartsFailing: reported("part-failed", "parts can't be written to the bucket"),
    ...(writesFiles && {
      EpochsNotVisible: reported(
        "epoch-not-visible",
        "results of a complete checkpoint can't be made visible",
      ),
    }),
    MappingFault: reported("mapping-fault", "an event source mapping is not as the job needs it"),
    TableKeyMismatch: reported(
      "table-key-mismatch",
      "a result table has another key than the job's rows, and can't hold them",
    ),
    StateNearLimit: reported("state-near-limit", "state nears the process function's memory"),
  };
}

/** A minute or two are no reason to wake anybody. */
const most = (minutes: number): Partial<AlarmProps> => ({
  evaluationPeriods: minutes,
  datapointsToAlarm: Math.ceil(minutes / 2),
});
