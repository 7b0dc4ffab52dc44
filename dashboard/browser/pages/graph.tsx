import type { JSX } from "preact";
import { GraphLegend, GraphView } from "../graph/graph-view.tsx";
import type { PageProps } from "../parts/console-frame.tsx";
import { None, Section } from "../parts/section.tsx";
import { OperatorPanel } from "./operator-panel.tsx";

export function GraphPage({ live, route }: PageProps): JSX.Element {
  const plan = live.plan.value;
  const status = live.status.value;
  if (plan === undefined || status === undefined)
    return <None>What the job consists of is being read.</None>;
  const { stages, edges } = plan;
  const exchanges = edges.filter(({ route }) => route === "key" || route === "broadcast").length;
  const note = `${stages.length} stages, ${exchanges} ways over the exchange, ${plan.maxParallelism} key groups, plan ${plan.fingerprint}`;
  return (
    <>
      <Section title="Graph" note={note}>
        <GraphView plan={plan} status={status} rates={live.rates.value} open={route.open} />
        <GraphLegend />
      </Section>
      {route.open !== undefined && <OperatorPanel live={live} name={route.open} />}
    </>
  );
}
