import { Duration } from "aws-cdk-lib";
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Row,
} from "aws-cdk-lib/aws-cloudwatch";
import type { IStream } from "aws-cdk-lib/aws-kinesis";
import type { Construct } from "constructs";
import type { PipelineAlarms } from "./alarms.ts";
import type { IMillracePipeline } from "./metrics.ts";
import type { PipelineStreams } from "./streams.ts";

export interface ShownPipeline {
  readonly pipeline: IMillracePipeline;
  readonly streams: PipelineStreams;
  readonly alarms: PipelineAlarms;
}

/** What comes in, how far behind it is, what it costs, and whether it can be restored. */
export function createDashboard(scope: Construct, shown: ShownPipeline): Dashboard {
  const { pipeline, alarms } = shown;
  const list = Object.values(alarms);
  const status = new AlarmStatusWidget({ title: pipeline.pipelineName, alarms: list, width: 24 });
  const dashboard = new Dashboard(scope, "Dashboard", { defaultInterval: Duration.hours(3) });
  if (list.length > 0) dashboard.addWidgets(status);
  dashboard.addWidgets(new Row(...flow(shown)));
  dashboard.addWidgets(new Row(...delay(pipeline)));
  dashboard.addWidgets(new Row(...health(pipeline)));
  return dashboard;
}

function flow({ pipeline, streams }: ShownPipeline): IWidget[] {
  const { sources, exchange } = streams;
  const incoming = Object.entries({ ...sources, ...(exchange && { exchange }) }).map(
    ([label, stream]: [string, IStream]) =>
      stream.metricIncomingRecords({ label, statistic: "Sum", period: Duration.minutes(1) }),
  );
  const perMinute = { statistic: "Sum", period: Duration.minutes(1) };
  return [
    graph("Records per minute", incoming),
    graph(
      "Batches per minute",
      [pipeline.processFunction.metricInvocations(perMinute)],
      [pipeline.metricErrors(), pipeline.metricThrottles()],
    ),
    graph("Dead letters and late elements", [
      pipeline.metricDeadLetters(),
      pipeline.metricLateElements(),
    ]),
  ];
}

function delay(pipeline: IMillracePipeline): IWidget[] {
  const duration = { period: Duration.minutes(1) };
  return [
    graph("Age of records (ms)", [pipeline.metricIteratorAge()]),
    graph("Lag (ms)", [pipeline.metricExchangeLag()], [pipeline.metricWatermarkLag()]),
    graph("Duration of a batch (ms)", [
      pipeline.processFunction.metricDuration({ ...duration, statistic: "p50" }),
      pipeline.processFunction.metricDuration({ ...duration, statistic: "p99" }),
    ]),
  ];
}

function health(pipeline: IMillracePipeline): IWidget[] {
  return [
    graph("Checkpoints", [pipeline.metricEpochsCompleted(), pipeline.metricEpochsExpired()]),
    graph("State (bytes)", [pipeline.metricStateSize()], [pipeline.metric("slots")]),
    graph("Log used (%)", [pipeline.metricRingUsed()], [pipeline.metricUndrainedParents()]),
  ];
}

function graph(title: string, left: IMetric[], right: IMetric[] = []): GraphWidget {
  return new GraphWidget({ title, left, right, width: 8 });
}
