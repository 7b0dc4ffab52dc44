import type { ServedStore } from "../served-store.ts";
import { measuredJob } from "./measured-job.ts";
import {
  type MeasuredJob,
  type Measurement,
  ofJob,
  ofJobs,
  ofOperator,
  ofSlot,
} from "./measurements.ts";
import { prefixes } from "./metric-list.ts";
import type { Measured, Metric } from "./prometheus-text.ts";
import { userMetrics } from "./user-metrics.ts";

/** Metrics of all jobs; where Flink has one, it has Flink's name. */
export async function metricsOf(store: ServedStore): Promise<readonly Metric[]> {
  const jobs: MeasuredJob[] = [];
  const unreadable: string[] = [];
  for (const job of await store.jobs()) {
    const measured = await measuredJob(store, job);
    if (measured === undefined) unreadable.push(job);
    else jobs.push(measured);
  }
  const operators = jobs.flatMap(({ status: { job, operators: all } }) =>
    all.map((subject) => ({
      labels: { job, stage: subject.stage, operator: subject.name },
      subject,
    })),
  );
  const slots = jobs.flatMap(({ status: { job, slots: all, retrying } }) =>
    all.map((slot) => {
      const attempts = retrying.find((one) => one.slot === slot.slot)?.attempts ?? 0;
      return { labels: { job, slot: slot.slot }, subject: { ...slot, attempts } };
    }),
  );
  return [
    ...metricsFor(prefixes.job, ofJobs, [
      ...jobs.map(({ status: { job } }) => ({ labels: { job }, subject: true })),
      ...unreadable.map((job) => ({ labels: { job }, subject: false })),
    ]),
    ...metricsFor(
      prefixes.job,
      ofJob,
      jobs.map((subject) => ({ labels: { job: subject.status.job }, subject })),
    ),
    ...metricsFor(prefixes.operator, ofOperator, operators),
    ...metricsFor(prefixes.slot, ofSlot, slots),
    ...userMetrics(jobs.map(({ status }) => status)),
  ];
}

/** A subject, and what tells it from the others. */
interface Labelled<Subject> {
  readonly labels: Measured["labels"];
  readonly subject: Subject;
}

function metricsFor<Subject>(
  prefix: string,
  measurements: readonly Measurement<Subject>[],
  subjects: readonly Labelled<Subject>[],
): readonly Metric[] {
  return measurements.map(([name, type, help, valueOf]) => ({
    name: `${prefix}_${name}`,
    type,
    help,
    measured: subjects.flatMap(({ labels, subject }) => {
      const value = valueOf(subject);
      return value === undefined ? [] : [{ labels, value }];
    }),
  }));
}
