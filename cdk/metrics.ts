import { Duration } from "aws-cdk-lib";
import { Metric, Stats, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";
import { metricNamespace, pipelineDimension } from "../runtime/aws/emf-telemetry.ts";
import type { JobHealth } from "../runtime/observe/health.ts";

/** Metrics that a job writes itself, about itself. */
export type JobMetric =
  | keyof JobHealth
  | "deadLetters"
  | "epochsCompleted"
  | "epochsExpired"
  | "garbageObjects"
  | "lateElements"
  | "refusedWrites"
  | "supersededRows";

/** A pipeline, of this app or of another. */
export interface IMillracePipeline {
  readonly pipelineName: string;
  readonly processFunction: IFunction;
  readonly coordinatorFunction: IFunction;
  /** Any metric that the job writes. Default: the maximum within a minute. */
  metric(name: JobMetric, options?: MetricOptions): Metric;
  /** How often the job raised one of the alarms of docs/deployment.md. */
  metricAlarms(code: string, options?: MetricOptions): Metric;
  /** Age of the oldest record of a batch, over all streams. */
  metricIteratorAge(options?: MetricOptions): Metric;
  /** Batches that Lambda held back since too many environments were busy. */
  metricThrottles(options?: MetricOptions): Metric;
  /** Invocations of the process function that failed as a whole. */
  metricErrors(options?: MetricOptions): Metric;
  metricCoordinatorErrors(options?: MetricOptions): Metric;
  metricDeadLetters(options?: MetricOptions): Metric;
  /** Elements that came too late for all of their windows: of an operator (`<stage>/<uid>`), or of all. */
  metricLateElements(operator?: string, options?: MetricOptions): Metric;
  /** Writes of rows that found a newer one in place: replays, or a later life of the job that writes the same table. */
  metricSupersededRows(options?: MetricOptions): Metric;
  metricEpochsCompleted(options?: MetricOptions): Metric;
  metricEpochsExpired(options?: MetricOptions): Metric;
  /** How much of a slot's log no part covers, of the slot that is worst off; at 100 it stands still. */
  metricRingUsed(options?: MetricOptions): Metric;
  /** How far the exchange is behind. */
  metricExchangeLag(options?: MetricOptions): Metric;
  /** How far the slowest watermark is behind the clock. */
  metricWatermarkLag(options?: MetricOptions): Metric;
  /** Closed shards that are not read to their end or not taken over. */
  metricUndrainedParents(options?: MetricOptions): Metric;
  metricStateSize(options?: MetricOptions): Metric;
}

/** The metrics of a pipeline by its name and its functions. */
export abstract class PipelineMetrics extends Construct implements IMillracePipeline {
  abstract readonly pipelineName: string;
  abstract readonly processFunction: IFunction;
  abstract readonly coordinatorFunction: IFunction;

  metric(name: JobMetric, options: MetricOptions = {}): Metric {
    return this.#own(name, {}, { statistic: Stats.MAXIMUM, ...options });
  }

  metricAlarms(code: string, options: MetricOptions = {}): Metric {
    return this.#own("alarms", { code }, { statistic: Stats.SUM, ...options });
  }

  metricIteratorAge(options: MetricOptions = {}): Metric {
    return this.processFunction.metric("IteratorAge", { ...perMinute(Stats.MAXIMUM), ...options });
  }

  metricThrottles(options: MetricOptions = {}): Metric {
    return this.processFunction.metricThrottles({ ...perMinute(Stats.SUM), ...options });
  }

  metricErrors(options: MetricOptions = {}): Metric {
    return this.processFunction.metricErrors({ ...perMinute(Stats.SUM), ...options });
  }

  metricCoordinatorErrors(options: MetricOptions = {}): Metric {
    return this.coordinatorFunction.metricErrors({ ...perMinute(Stats.SUM), ...options });
  }

  metricDeadLetters(options: MetricOptions = {}): Metric {
    return this.metric("deadLetters", { statistic: Stats.SUM, ...options });
  }

  metricLateElements(operator?: string, options: MetricOptions = {}): Metric {
    const dimensions = operator === undefined ? {} : { operator };
    return this.#own("lateElements", dimensions, { statistic: Stats.SUM, ...options });
  }

  metricSupersededRows(options: MetricOptions = {}): Metric {
    return this.metric("supersededRows", { statistic: Stats.SUM, ...options });
  }

  metricEpochsCompleted(options: MetricOptions = {}): Metric {
    return this.metric("epochsCompleted", { statistic: Stats.SUM, ...options });
  }

  metricEpochsExpired(options: MetricOptions = {}): Metric {
    return this.metric("epochsExpired", { statistic: Stats.SUM, ...options });
  }

  metricRingUsed(options: MetricOptions = {}): Metric {
    return this.metric("ringUsedPercent", options);
  }

  metricExchangeLag(options: MetricOptions = {}): Metric {
    return this.metric("exchangeLagMs", options);
  }

  metricWatermarkLag(options: MetricOptions = {}): Metric {
    return this.metric("watermarkLagMs", options);
  }

  metricUndrainedParents(options: MetricOptions = {}): Metric {
    return this.metric("undrainedParents", options);
  }

  metricStateSize(options: MetricOptions = {}): Metric {
    return this.metric("stateBytes", options);
  }

  #own(name: string, dimensions: Record<string, string>, options: MetricOptions): Metric {
    return new Metric({
      namespace: metricNamespace,
      metricName: name,
      dimensionsMap: { [pipelineDimension]: this.pipelineName, ...dimensions },
      period: Duration.minutes(1),
      ...options,
    });
  }
}

const perMinute = (statistic: string): MetricOptions => ({
  statistic,
  period: Duration.minutes(1),
});
