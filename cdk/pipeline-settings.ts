import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { RetentionDays } from "aws-cdk-lib/aws-logs";
import { deploymentError } from "../runtime/errors/millrace-error.ts";
import type { Plan } from "../runtime/plan/plan.ts";
import { logLevels } from "../runtime/aws/emf-telemetry.ts";
import { checkKeyTypes } from "./key-types.ts";
import type { MillracePipelineProps } from "./props.ts";
import { sinkStreamsOf, sourceStreamsOf, tablesOf } from "./plan-resources.ts";

/** The props with every default filled in. */
export type PipelineSettings = Required<Omit<MillracePipelineProps, Optional>> &
  Pick<MillracePipelineProps, Optional> & {
    /** What streams are taken to keep whose retention the app doesn't know. */
    readonly namedRetention: Duration;
  };
/** Props without a default. */
type Optional = Exclude<
  keyof MillracePipelineProps,
  keyof ReturnType<typeof defaultSettings> | "entry" | "iteratorAgeMax"
>;

/**
 * @throws deployment errors `name-not-in-job` for a stream, table or key that the job doesn't use, `setting-out-of-range`,
 * `environment-name-taken`, and those of `checkKeyTypes`.
 */
export function settingsOf(props: MillracePipelineProps, plan: Plan): PipelineSettings {
  const given = withoutUndefined(props);
  const defaults = defaultSettings(plan);
  const iteratorAgeMax = defaultIteratorAgeMax(given.batchWindow ?? defaults.batchWindow);
  const { streamRetention: namedRetention = retentionOfKinesis } = given;
  const settings: PipelineSettings = { ...defaults, iteratorAgeMax, namedRetention, ...given };
  checkRanges(settings);
  checkEnvironment(settings.environment);
  const { sources, sinkStreams, tables, numberKeys } = settings;
  const tableNames = tablesOf(plan).map(({ name }) => name);
  checkNames("sources", sources, [...sourceStreamsOf(plan).keys()]);
  checkNames("sinkStreams", sinkStreams, sinkStreamsOf(plan));
  checkNames("tables", tables, tableNames);
  checkNames("numberKeys", numberKeys, tableNames);
  for (const { name, keyFields } of tablesOf(plan)) {
    const numbers = Object.fromEntries((numberKeys[name] ?? []).map((field) => [field, true]));
    checkNames(`numberKeys.${name}`, numbers, keyFields);
  }
  checkKeyTypes(tablesOf(plan), settings);
  return settings;
}

/** Of a stream that nobody gave another one. */
const retentionOfKinesis = Duration.hours(24);
/** From Friday's evening to Monday's: what nobody saw meanwhile is not lost. */
const weekend = Duration.hours(72);

const defaultSettings = (plan: Plan) => ({
  pipelineName: plan.job,
  sources: {},
  sinkStreams: {},
  tables: {},
  numberKeys: {},
  batchSize: 1_000,
  batchWindow: Duration.seconds(1),
  enhancedFanOut: false,
  memoryMiB: 1_769,
  timeout: Duration.seconds(120),
  reservedConcurrency: "none" as const,
  logLevel: "info" as const,
  tracing: false,
  environment: {},
  exchangeShards: 1,
  streamShards: 1,
  streamRetention: weekend,
  exchangeRetention: weekend,
  logRetention: RetentionDays.ONE_MONTH,
  // What a first deployment has made and then rolled back is empty: kept, it would be in the way of the next one.
  removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
  deletionProtection: false,
  warmThroughput: "none" as const,
  encryptionKeys: [],
  alarms: true,
  alarmActions: [],
  lateElementsMax: 1,
  watermarkLagMax: Duration.hours(6),
  dashboard: true,
  api: false,
  userMetrics: false,
  allowNonRestoredState: false,
});

/** A record is as old as its batch's window when it is handed over, and that is what was asked for. */
function defaultIteratorAgeMax(batchWindow: Duration): Duration {
  return Duration.seconds(Math.max(300, 2 * batchWindow.toSeconds()));
}

/** One leads, one stands by, the next one is started, and one collects garbage. */
export const coordinatorConcurrency = 4;

/** Programs without `exactOptionalPropertyTypes` may pass undefined for what they don't set. */
function withoutUndefined(props: MillracePipelineProps): MillracePipelineProps {
  const set = Object.entries(props).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set) as unknown as MillracePipelineProps;
}

/** What AWS would refuse, or cut short, in the middle of a deployment. */
function checkRanges(settings: PipelineSettings): void {
  const { batchWindow, timeout, reservedConcurrency: reserved } = settings;
  checkRange("batchSize", settings.batchSize, { min: 1, max: 10_000 });
  checkRange("batchWindow (seconds)", batchWindow.toSeconds(), { min: 0, max: 300 });
  checkRange("lateElementsMax", settings.lateElementsMax, { min: 1, max: Infinity });
  checkRange("memoryMiB", settings.memoryMiB, { min: 128, max: 10_240 });
  checkRange("timeout (seconds)", timeout.toSeconds(), { min: 1, max: 900 });
  checkRange("reservedConcurrency", reserved === "none" ? 1 : reserved, { min: 1, max: Infinity });
  checkRange("exchangeShards", settings.exchangeShards, { min: 1, max: Infinity });
  checkRange("streamShards", settings.streamShards, { min: 1, max: Infinity });
  const hours = { min: 24, max: 8_760 };
  checkRange("streamRetention (hours)", settings.streamRetention.toHours(), hours);
  checkRange("exchangeRetention (hours)", settings.exchangeRetention.toHours(), hours);
  const { deadLetterRetention, watermarkLagMax } = settings;
  const some = { min: 1, max: Infinity };
  checkRange("watermarkLagMax (seconds)", watermarkLagMax.toSeconds(), some);
  checkRange("deadLetterRetention (days)", deadLetterRetention?.toDays() ?? 1, some);
  checkRange("iteratorAgeMax (seconds)", settings.iteratorAgeMax.toSeconds(), {
    min: 1,
    max: Infinity,
  });
  if (!logLevels.includes(settings.logLevel))
    throw deploymentError("setting-out-of-range", {
      message: `logLevel is ${JSON.stringify(settings.logLevel)}.`,
      next: `Give one of ${logLevels.join(", ")}.`,
    });
  checkPipelineName(settings.pipelineName);
}

/** It is part of the names of a parameter and of stream consumers. */
function checkPipelineName(name: string): void {
  if (/^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(name)) return;
  throw deploymentError("pipeline-name-invalid", {
    message: `pipelineName is "${name}".`,
    next: "Give a letter, then up to 62 letters, digits and hyphens.",
  });
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function checkRange(prop: string, value: number, { min, max }: Range): void {
  if (Number.isInteger(value) && value >= min && value <= max) return;
  throw deploymentError("setting-out-of-range", {
    message: `${prop} is ${value}.`,
    next: `Give a whole number ${max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`}.`,
  });
}

function checkEnvironment(environment: Readonly<Record<string, string>>): void {
  const taken = Object.keys(environment).filter((name) => name.startsWith("MILLRACE_"));
  if (taken.length === 0) return;
  throw deploymentError("environment-name-taken", {
    message: `environment sets ${taken.join(", ")}; names that begin with MILLRACE_ are set by the construct.`,
    next: "Give the variable another name.",
  });
}

function checkNames(
  prop: string,
  given: Readonly<Record<string, unknown>>,
  known: readonly string[],
): void {
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw deploymentError("name-not-in-job", {
    message: `${prop} has ${unknown.map((name) => `"${name}"`).join(", ")}, which the job does not use.`,
    next: `It uses ${known.length === 0 ? "none" : known.map((name) => `"${name}"`).join(", ")}.`,
  });
}
