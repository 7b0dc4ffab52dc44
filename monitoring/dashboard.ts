import {
  type Dashboard,
  DashboardBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as SeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";

interface PanelText {
  readonly title: string;
  readonly unit: string;
  readonly expr: string;
  /** What a line is called, of its labels. Default: by its job. */
  readonly line?: string;
}

const source = { type: "prometheus", uid: "${source}" };
const ofJobs = '{job=~"$job"}';

const rows: readonly (readonly [title: string, panels: readonly PanelText[]])[] = [
  [
    "Flow",
    [
      {
        title: "Records per second",
        unit: "reqps",
        expr: `sum by (job) (rate(millrace_job_numRecordsIn${ofJobs}[$__rate_interval]))`,
      },
      {
        title: "Elements per second and operator",
        unit: "reqps",
        expr: `sum by (operator) (rate(millrace_operator_numRecordsIn${ofJobs}[$__rate_interval]))`,
        line: "{{operator}}",
      },
      {
        title: "Records per second and slot",
        unit: "reqps",
        expr: `sum by (slot) (rate(millrace_slot_numRecordsIn${ofJobs}[$__rate_interval]))`,
        line: "{{slot}}",
      },
      {
        title: "Commits per second",
        unit: "ops",
        expr: `sum by (job) (rate(millrace_job_commits${ofJobs}[$__rate_interval]))`,
      },
    ],
  ],
  [
    "Time",
    [
      {
        title: "Lag of the slowest watermark",
        unit: "ms",
        expr: `millrace_job_watermarkLag${ofJobs}`,
      },
      {
        title: "Lag of the exchange: backpressure",
        unit: "ms",
        expr: `millrace_job_exchangeLag${ofJobs}`,
      },
      {
        title: "Late elements per second",
        unit: "reqps",
        expr: `sum by (operator) (rate(millrace_operator_numLateRecordsDropped${ofJobs}[$__rate_interval]))`,
        line: "{{operator}}",
      },
      {
        title: "Since the last batch",
        unit: "ms",
        expr: `millrace_slot_quiet${ofJobs}`,
        line: "{{slot}}",
      },
    ],
  ],
  [
    "Checkpoints and state",
    [
      {
        title: "Duration of the newest checkpoint",
        unit: "ms",
        expr: `millrace_job_lastCheckpointDuration${ofJobs}`,
      },
      {
        title: "Size of the newest checkpoint",
        unit: "bytes",
        expr: `millrace_job_lastCheckpointFullSize${ofJobs}`,
      },
      {
        title: "Failed checkpoints in a row",
        unit: "short",
        expr: `millrace_job_failedCheckpointsInARow${ofJobs}`,
      },
      {
        title: "State by operator",
        unit: "bytes",
        expr: `millrace_operator_stateBytes${ofJobs}`,
        line: "{{operator}}",
      },
      {
        title: "State by slot",
        unit: "bytes",
        expr: `millrace_slot_stateBytes${ofJobs}`,
        line: "{{slot}}",
      },
      {
        title: "Fullest log",
        unit: "percent",
        expr: `millrace_job_ringUsedPercent${ofJobs}`,
      },
    ],
  ],
  [
    "Faults",
    [
      {
        title: "Dead letters by operator",
        unit: "short",
        expr: `increase(millrace_operator_deadLetters${ofJobs}[$__rate_interval])`,
        line: "{{operator}}",
      },
      {
        title: "Failed attempts of slots",
        unit: "short",
        expr: `millrace_slot_failedAttempts${ofJobs}`,
        line: "{{slot}}",
      },
      {
        title: "Superseded rows per second",
        unit: "ops",
        expr: `sum by (job) (rate(millrace_job_supersededRows${ofJobs}[$__rate_interval]))`,
      },
    ],
  ],
  [
    "Metrics of users' functions",
    [
      {
        title: "As they stand",
        unit: "short",
        expr: `{__name__=~"millrace_user_.*", __name__!~".*_(bucket|sum)", job=~"$job"}`,
        line: "{{operator}} {{__name__}}",
      },
    ],
  ],
];

const figures: readonly PanelText[] = [
  { title: "Running", unit: "bool_yes_no", expr: `millrace_job_running${ofJobs}` },
  { title: "Up", unit: "ms", expr: `millrace_job_uptime${ofJobs}` },
  { title: "State", unit: "bytes", expr: `millrace_job_stateBytes${ofJobs}` },
  { title: "Keys", unit: "short", expr: `millrace_job_keys${ofJobs}` },
  {
    title: "Dead letters",
    unit: "short",
    expr: `millrace_job_deadLetters${ofJobs}`,
  },
  {
    title: "Newest checkpoint",
    unit: "none",
    expr: `millrace_job_lastCompletedCheckpointId${ofJobs}`,
  },
];

const gridWidth = 24;
const panelWidth = 8;
const panelHeight = 8;

/** What is seen of the jobs that a Prometheus reads: for Grafana 10 and later. */
export function dashboard(): Dashboard {
  let builder = new DashboardBuilder("Millrace")
    .uid("millrace")
    .tags(["millrace"])
    .editable()
    .refresh("10s")
    .time({ from: "now-1h", to: "now" })
    .timezone("browser")
    .withVariable(new DatasourceVariableBuilder("source").label("Source").type("prometheus"))
    .withVariable(
      new QueryVariableBuilder("job")
        .label("Job")
        .datasource(source)
        .query("label_values(millrace_job_running, job)")
        .refresh(VariableRefresh.OnTimeRangeChanged)
        .includeAll(true)
        .multi(true),
    );
  for (const figure of figures) {
    const panel = panelOf(new StatBuilder(), figure);
    builder = builder.withPanel(panel.span(gridWidth / figures.length).height(4));
  }
  for (const [title, panels] of rows) {
    builder = builder.withRow(new RowBuilder(title));
    for (const text of panels)
      builder = builder.withPanel(
        panelOf(new SeriesBuilder(), text).min(0).span(panelWidth).height(panelHeight),
      );
  }
  return builder.build();
}

function panelOf<Builder extends StatBuilder | SeriesBuilder>(
  builder: Builder,
  { title, unit, expr, line = "{{job}}" }: PanelText,
): Builder {
  builder
    .title(title)
    .unit(unit)
    .datasource(source)
    .withTarget(new DataqueryBuilder().expr(expr).legendFormat(line).datasource(source));
  return builder;
}
