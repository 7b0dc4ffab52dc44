/** An alert as Prometheus has it. */
export interface AlertRule {
  readonly alert: string;
  readonly expr: string;
  /** How long it must hold. */
  readonly for: string;
  readonly labels: { readonly severity: "page" | "ticket" };
  readonly annotations: { readonly summary: string; readonly description: string };
}

type Words = readonly [summary: string, description: string];

const rule = (
  alert: string,
  [severity, expr, held]: readonly [AlertRule["labels"]["severity"], string, string],
  [summary, description]: Words,
): AlertRule => ({
  alert,
  expr,
  for: held,
  labels: { severity },
  annotations: { summary, description },
});

/** What one wants to be told of a job. Thresholds are seeds: what is late or large is for each job to say. */
export const alertRules: readonly AlertRule[] = [
  rule(
    "MillraceJobDown",
    ["page", "millrace_job_running == 0", "5m"],
    [
      "Nobody runs job {{ $labels.job }}",
      "It was stopped, has ended, or its process is gone. Take the rule away for jobs that may end.",
    ],
  ),
  rule(
    "MillraceJobUnreadable",
    ["page", "millrace_job_unreadable == 1", "5m"],
    [
      "The state of job {{ $labels.job }} can't be read",
      "What its store holds is damaged: the log of whoever serves /metrics says what.",
    ],
  ),
  rule(
    "MillraceCheckpointSlow",
    ["ticket", "millrace_job_lastCheckpointDuration > 60000", "10m"],
    [
      "Checkpoints of job {{ $labels.job }} take {{ $value }} ms",
      "A slot that lags, or large parts: the console's page of the checkpoint says which slot gave last.",
    ],
  ),
  rule(
    "MillraceCheckpointLarge",
    ["ticket", "millrace_job_lastCheckpointFullSize > 10e9", "10m"],
    [
      "A checkpoint of job {{ $labels.job }} refers to {{ $value }} bytes",
      "State grows: is there a key that nobody clears, or a window that stays open?",
    ],
  ),
  rule(
    "MillraceCheckpointsFail",
    ["page", "millrace_job_failedCheckpointsInARow > 2", "1m"],
    [
      "{{ $value }} checkpoints of job {{ $labels.job }} have failed in a row",
      "What is restored would be old. The console's checkpoints say why the newest one expired.",
    ],
  ),
  rule(
    "MillraceBackpressure",
    ["ticket", "millrace_job_exchangeLag > 10000", "5m"],
    [
      "The exchange of job {{ $labels.job }} is {{ $value }} ms behind, and sources wait for it",
      "It needs more shards, or its operators do too much for each element.",
    ],
  ),
  rule(
    "MillraceLag",
    ["ticket", "millrace_job_watermarkLag > 300000", "10m"],
    [
      "The slowest watermark of job {{ $labels.job }} is {{ $value }} ms behind",
      "Windows stay open. A stream or a shard may have fallen silent, or a slot is behind.",
    ],
  ),
  rule(
    "MillraceLateData",
    ["ticket", "increase(millrace_operator_numLateRecordsDropped[15m]) > 0", "0m"],
    [
      "{{ $labels.operator }} of job {{ $labels.job }} drops elements that come too late",
      "Raise the bound of the watermarks or allowedLateness, or see whose clock is wrong.",
    ],
  ),
  rule(
    "MillraceStateNearBound",
    ["ticket", "millrace_slot_stateBytes > 50e6", "10m"],
    [
      "Slot {{ $labels.slot }} of job {{ $labels.job }} keeps {{ $value }} bytes of state",
      "In memory it takes many times that. Put the threshold where your functions' memory ends, and split the shard or give more memory.",
    ],
  ),
  rule(
    "MillraceLogNearFull",
    ["page", "millrace_job_ringUsedPercent > 75", "5m"],
    [
      "The log of a slot of job {{ $labels.job }} is full to {{ $value }} %",
      "Its parts are not written: at 100 % the slot stands still.",
    ],
  ),
  rule(
    "MillraceDeadLetters",
    ["ticket", "increase(millrace_job_deadLetters[15m]) > 0", "0m"],
    [
      "Job {{ $labels.job }} has put elements aside that could not be processed",
      "millrace deadletters list says what was refused, and why.",
    ],
  ),
  rule(
    "MillraceSlotStuck",
    ["page", "millrace_slot_failedAttempts > 3", "5m"],
    [
      "Slot {{ $labels.slot }} of job {{ $labels.job }} fails again and again",
      "Nothing behind what fails is processed. millrace status says in which operator, and the log why.",
    ],
  ),
];

/** The file for Prometheus' `rule_files`. */
export const alertGroups = { groups: [{ name: "millrace", rules: alertRules }] };
