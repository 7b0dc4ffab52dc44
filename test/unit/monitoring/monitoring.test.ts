import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { describe, expect, test } from "vitest";
import { metricList } from "../../../http/metrics/metric-list.ts";
import { type AlertRule, alertRules } from "../../../monitoring/alert-rules.ts";
import { dashboard } from "../../../monitoring/dashboard.ts";
import { files } from "../../../monitoring/files.ts";
import { root } from "../tidy/sources.ts";

const page = readFileSync(join(root, "docs/metrics.md"), "utf8");

/** What the panels ask for; Grafana's variables stand where they are put in. */
const asked = (dashboard().panels ?? []).flatMap((panel) =>
  ("targets" in panel ? (panel.targets ?? []) : []).map(
    (target) => (target as unknown as { readonly expr: string }).expr,
  ),
);
const expressions = [...asked, ...alertRules.map(({ expr }) => expr)];

const forProm = (expr: string): string =>
  expr.replaceAll("$__rate_interval", "5m").replaceAll("$job", ".*");

/** Names of metrics in an expression, as Prometheus' own grammar has them. */
function namesIn(expr: string): readonly string[] {
  const names: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      const name = expr.slice(from, to);
      if (type.name === "Identifier" && name.startsWith("millrace_")) names.push(name);
    },
  });
  return names;
}

function faultsIn(expr: string): readonly string[] {
  const faults: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) faults.push(`${expr} at ${from}: ${expr.slice(from, to)}`);
    },
  });
  return faults;
}

describe("the dashboard and the rules", () => {
  test.each(Object.entries(files))("%s is what the script writes", (name, text) => {
    expect(readFileSync(join(root, "monitoring", name), "utf8")).toBe(text());
  });

  test("ask what Prometheus understands", () => {
    expect(expressions.length).toBeGreaterThan(30);
    expect(expressions.map(forProm).flatMap(faultsIn)).toEqual([]);
    expect(faultsIn("sum by (job (up)")).not.toEqual([]);
  });

  test("name no metric that isn't exposed, and show each that is, or all of a prefix", () => {
    const known = new Set(metricList.map(({ name }) => name));
    const named = new Set(expressions.map(forProm).flatMap(namesIn));
    expect([...named].filter((name) => !known.has(name))).toEqual([]);
    expect(named.size).toBeGreaterThan(20);
    expect(asked.some((expr) => expr.includes('__name__=~"millrace_user_.*"'))).toBe(true);
  });

  test("labels that they ask for are those of the metric", () => {
    for (const { expr, annotations } of alertRules) {
      const [name] = namesIn(expr);
      const { labels } = metricList.find((one) => one.name === name)!;
      const texts = `${annotations.summary} ${annotations.description}`;
      for (const [, label = ""] of texts.matchAll(/\$labels\.(\w+)/g))
        expect(labels).toContain(label);
    }
  });

  test.each<[string, AlertRule["alert"]]>([
    ["the duration of checkpoints", "MillraceCheckpointSlow"],
    ["their size", "MillraceCheckpointLarge"],
    ["their failures", "MillraceCheckpointsFail"],
    ["backpressure", "MillraceBackpressure"],
    ["lag", "MillraceLag"],
    ["late data", "MillraceLateData"],
    ["state near its bound", "MillraceStateNearBound"],
    ["dead letters", "MillraceDeadLetters"],
    ["a slot that is stuck", "MillraceSlotStuck"],
  ])("there is an alert of %s", (_, alert) => {
    expect(alertRules.map((rule) => rule.alert)).toContain(alert);
  });
});

test("the document has every metric with its type, its labels and Flink's name", () => {
  const rows = metricList.map(({ name, type, labels, help, flink }) => {
    const theirs = flink === undefined ? "–" : name.endsWith(`_${flink}`) ? "same" : `\`${flink}\``;
    return `| \`${name}\` | ${type} | ${labels.join(", ")} | ${help} | ${theirs} |`;
  });
  const listed = page.split("\n").filter((line) => /^\| `millrace_(job|operator|slot)_/.test(line));
  expect(listed).toEqual(rows);
});

test("the document has every alert", () => {
  const listed = page.split("\n").filter((line) => line.startsWith("| `Millrace"));
  expect(listed).toEqual(
    alertRules.map(
      (rule) =>
        `| \`${rule.alert}\` | \`${rule.expr}\`${rule.for === "0m" ? "" : ` for ${rule.for}`} |`,
    ),
  );
});
