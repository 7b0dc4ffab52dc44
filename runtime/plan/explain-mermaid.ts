import { describeKey, describeSink } from "./explain.ts";
import { inputsOf, type Plan, type PlannedOperator, type Stage } from "./plan.ts";

/** A plan as a Mermaid flowchart: a box per stage, thick arrows for exchanges. */
export function explainMermaid(plan: Plan): string {
  const lines = ["flowchart LR"];
  for (const [index, stage] of plan.stages.entries()) {
    lines.push(`  subgraph ${stageBox(index)}[${quoted(stageTitle(stage))}]`);
    for (const operator of stage.operators)
      lines.push(`    ${operatorBox(index, operator.node)}${shape(plan, operator)}`);
    lines.push("  end");
  }
  for (const [index, stage] of plan.stages.entries()) lines.push(...arrows(plan, stage, index));
  return `${lines.join("\n")}\n`;
}

function arrows(plan: Plan, stage: Stage, index: number): readonly string[] {
  return stage.operators.flatMap(({ node, inputs, sends }) => [
    ...inputs
      .filter(({ from }) => from !== "input")
      .map(
        ({ from, tag }) =>
          `  ${operatorBox(index, from)} -->${label(tag)} ${operatorBox(index, node)}`,
      ),
    ...sends.map(({ stage: id, tag }) => {
      const target = plan.stages.findIndex((other) => other.id === id);
      const arrow = plan.stages[target]?.kind === "aligned" ? "-->" : "==>";
      return `  ${operatorBox(index, node)} ${arrow}${label(tag)} ${stageBox(target)}`;
    }),
  ]);
}

const stageBox = (index: number): string => `s${index}`;
const operatorBox = (index: number, node: number | "input"): string => `s${index}n${node}`;

function stageTitle(stage: Stage): string {
  const keys = inputsOf(stage).map((input) =>
    input.route === "broadcast" ? "broadcast" : describeKey(input),
  );
  return keys.length === 0 ? stage.id : `${stage.id} by ${keys.join(" and ")}`;
}

function shape(plan: Plan, { kind, uid }: PlannedOperator): string {
  const name = uid === undefined ? kind : `${kind} ${uid}`;
  const sink = kind === "sink" ? plan.sinks.find((candidate) => candidate.uid === uid) : undefined;
  if (sink !== undefined) return `[(${quoted(`${uid}<br/>${describeSink(sink)}`)})]`;
  return kind === "source" ? `([${quoted(name)}])` : `[${quoted(name)}]`;
}

function label(tag: string | undefined): string {
  return tag === undefined ? "" : `|${quoted(tag)}|`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', "#quot;")}"`;
}
