import { App, Duration, Stack } from "aws-cdk-lib";
import type { CfnAlarm } from "aws-cdk-lib/aws-cloudwatch";
import { Stream } from "aws-cdk-lib/aws-kinesis";
import { Topic } from "aws-cdk-lib/aws-sns";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, test } from "vitest";
import { MillracePipeline, type MillracePipelineProps } from "../../../cdk/index.ts";
import { writtenMetrics } from "./written-metrics.ts";
import { propertiesOf, synthesize, type Synthesized, withoutCode } from "./synthesize.ts";

/** `name {dimension=value}`. */
type MetricText = string;

let orders: Synthesized;
/** What the code wrote while it ran, in good times and in bad ones. */
let written: ReadonlySet<MetricText>;
beforeAll(async () => {
  orders = synthesize(() => ({ pipelineName: "checkout" }));
  written = await writtenMetrics("checkout");
});

interface WatchedMetric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
}

const text = (name: string, dimensions: readonly (readonly [string, string])[]): MetricText =>
  `${name} {${dimensions
    .map(([dimension, value]) => `${dimension}=${value}`)
    .toSorted()
    .join(", ")}}`;

function watchedByAlarms(): readonly MetricText[] {
  const alarms = Object.values(propertiesOf(orders.template, "AWS::CloudWatch::Alarm"));
  return (alarms as unknown as readonly WatchedMetric[])
    .filter(({ Namespace }) => Namespace === "Millrace")
    .map(({ MetricName, Dimensions }) =>
      text(
        MetricName,
        Dimensions.map(({ Name, Value }) => [Name, Value]),
      ),
    );
}

/** The body is JSON with references in between: what stands for them does not matter here. */
function shownOnDashboard(): readonly MetricText[] {
  const [dashboard] = Object.values(propertiesOf(orders.template, "AWS::CloudWatch::Dashboard"));
  const parts = dashboard!["DashboardBody"]["Fn::Join"][1] as readonly unknown[];
  const body = JSON.parse(
    parts.map((part) => (typeof part === "string" ? part : "x")).join(""),
  ) as { readonly widgets: readonly { readonly properties: { readonly metrics?: unknown[][] } }[] };
  const metrics = body.widgets.flatMap(({ properties }) => properties.metrics ?? []);
  return metrics
    .filter(([namespace]) => namespace === "Millrace")
    .map(([, name, dimension, value]) =>
      text(name as string, [[dimension as string, value as string]]),
    );
}

describe("alarms and dashboard", () => {
  test("watch and show only what the job's code writes, under the same names and dimensions", () => {
    const watched = [...watchedByAlarms(), ...shownOnDashboard()];
    expect(watched.length).toBeGreaterThan(12);
    expect(watched.filter((metric) => !written.has(metric))).toEqual([]);
  });

  test("would notice a metric that nothing writes", () => {
    const metric = orders.pipeline.metricAlarms("no-such-code");
    const dimensions = Object.entries(metric.dimensions ?? {}) as [string, string][];
    expect(written.has(text(metric.metricName, dimensions))).toBe(false);
  });

  test("read AWS's own metrics by the function and the stream that they are about", () => {
    orders.template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      Namespace: "AWS/Lambda",
      MetricName: "IteratorAge",
      Dimensions: [
        { Name: "FunctionName", Value: { Ref: Match.stringLikeRegexp("^PipelineProcess") } },
      ],
      Statistic: "Maximum",
      Threshold: 300_000,
    });
    orders.template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      Namespace: "AWS/Kinesis",
      MetricName: "WriteProvisionedThroughputExceeded",
      Dimensions: [
        { Name: "StreamName", Value: { Ref: Match.stringLikeRegexp("^PipelineExchange") } },
      ],
    });
  });

  const hourMs = 3_600_000;

  test.each<[string, (stack: Stack) => Partial<MillracePipelineProps>, number]>([
    ["as the construct makes them", () => ({}), 72],
    ["the shortest of them", () => ({ exchangeRetention: Duration.hours(30) }), 30],
    ["of Kinesis where a stream is only named", () => ({ sources: { orders: "shop-orders" } }), 24],
    [
      "that is said of a stream that is only named",
      () => ({ sources: { orders: "shop-orders" }, streamRetention: Duration.hours(48) }),
      48,
    ],
    [
      "of a stream that the app makes itself",
      (stack) => ({
        sources: { orders: new Stream(stack, "Own", { retentionPeriod: Duration.hours(36) }) },
      }),
      36,
    ],
  ])("warn before records expire, by the retention %s", (_, props, hours) => {
    const { pipeline } = synthesize(props);
    const alarm = pipeline.alarms["RetentionNear"]!.node.defaultChild as CfnAlarm;
    expect(alarm.threshold).toBe(hours * hourMs * 0.8);
  });

  test("tell of tables that refuse writes, and of a watermark that stays behind", () => {
    orders.template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      Namespace: "AWS/DynamoDB",
      MetricName: "WriteThrottleEvents",
      Dimensions: [
        { Name: "TableName", Value: { Ref: Match.stringLikeRegexp("^PipelineTablesrevenue") } },
      ],
      Threshold: 1,
    });
    orders.template.hasResourceProperties("AWS::CloudWatch::Alarm", {
      MetricName: "watermarkLagMs",
      Threshold: 6 * hourMs,
      EvaluationPeriods: 15,
    });
    const { template } = synthesize(() => ({ watermarkLagMax: Duration.days(2) }));
    template.hasResourceProperties("AWS::CloudWatch::Alarm", { Threshold: 48 * hourMs });
  });

  test("are no use where nobody is told, and the synthesis says so", () => {
    const warning = Match.stringLikeRegexp("No alarm of the pipeline .checkout. tells anybody");
    const warnings = (stack: Stack) =>
      Annotations.fromStack(stack).findWarning("*", Match.anyValue());
    Annotations.fromStack(orders.stack).hasWarning("/Orders/Pipeline", warning);
    const told = synthesize((stack) => ({
      alarmActions: [new SnsAction(new Topic(stack, "OnCall"))],
    }));
    expect(warnings(told.stack)).toEqual([]);
    expect(warnings(synthesize(() => ({ alarms: false })).stack)).toEqual([]);
  });

  test("tell whoever was named when they go off and when they are over", () => {
    const { template } = synthesize((stack) => ({
      alarmActions: [new SnsAction(new Topic(stack, "OnCall"))],
    }));
    const alarms = Object.values(propertiesOf(template, "AWS::CloudWatch::Alarm"));
    expect(alarms.length).toBeGreaterThan(12);
    for (const alarm of alarms) {
      expect(alarm["AlarmActions"]).toHaveLength(1);
      expect(alarm["OKActions"]).toEqual(alarm["AlarmActions"]);
    }
  });
});

describe("metrics of a pipeline", () => {
  test("of another stack are found by its name, and are the same", () => {
    const stack = new Stack(new App({ context: withoutCode }), "Watching");
    const imported = MillracePipeline.fromPipelineName(stack, "Checkout", "checkout");
    const { pipeline } = orders;
    expect(imported.metricRingUsed().toMetricConfig()).toEqual(
      pipeline.metricRingUsed().toMetricConfig(),
    );
    imported.metricIteratorAge().createAlarm(stack, "Age", { threshold: 1, evaluationPeriods: 1 });
    const template = Template.fromStack(stack);
    const [parameter, definition] = Object.entries(template.findParameters("*")).find(
      ([, { Default }]) => Default === "/millrace/checkout/functions",
    )!;
    expect(definition["Type"]).toBe("AWS::SSM::Parameter::Value<List<String>>");
    const [age] = Object.values(propertiesOf(template, "AWS::CloudWatch::Alarm"));
    expect(JSON.stringify(age!["Dimensions"])).toContain(
      `{"Fn::Select":[0,{"Ref":"${parameter}"}]}`,
    );
  });

  test("take another period and statistic", () => {
    const metric = orders.pipeline.metricWatermarkLag({ statistic: "p90" });
    expect(metric).toMatchObject({ statistic: "p90", metricName: "watermarkLagMs" });
  });

  test("have a method for everything that the job writes about itself", () => {
    const { pipeline } = orders;
    const named = [
      pipeline.metricDeadLetters(),
      pipeline.metricLateElements(),
      pipeline.metricEpochsCompleted(),
      pipeline.metricEpochsExpired(),
      pipeline.metricRingUsed(),
      pipeline.metricExchangeLag(),
      pipeline.metricWatermarkLag(),
      pipeline.metricUndrainedParents(),
      pipeline.metricStateSize(),
      pipeline.metric("slots"),
      pipeline.metric("garbageObjects"),
      pipeline.metric("refusedWrites"),
      pipeline.metricLateElements("windows/windows"),
      pipeline.metricLateElements("windows/sessions"),
    ].map(({ metricName, dimensions }) => text(metricName, Object.entries(dimensions ?? {})));
    const own = [...written].filter((metric) => !metric.startsWith("alarms "));
    expect(own.toSorted()).toEqual(named.toSorted());
  });
});
