import {
  inputsOf,
  type OperatorInput,
  type Plan,
  type PlannedOperator,
  type PlannedSink,
  type Stage,
  type StageInput,
} from "./plan.ts";

/** A plan for people: stages with their trees of operators, what they send where, and what each sink promises. */
export function explainText(plan: Plan): string {
  const lines = [
    `job ${plan.job}: ${count(plan.stages.length, "stage")}, ${plan.maxParallelism} key groups, plan ${plan.fingerprint}`,
  ];
  for (const stage of plan.stages) {
    lines.push("", `stage ${stage.id}: ${describeStage(plan, stage)}`);
    lines.push(...operatorLines(stage, (input) => input.from === "input", "  "));
  }
  lines.push("", "sinks");
  for (const sink of plan.sinks) lines.push(`  ${sink.uid}: ${describeSink(sink)}`);
  return `${lines.join("\n")}\n`;
}

/** How a stage is fed, and where it runs. */
function describeStage(plan: Plan, stage: Stage): string {
  const source = plan.sources.find(({ uid }) => uid === stage.source);
  if (stage.kind === "source")
    return `${readingOf(source)}${partitioningOf(source)}${alignmentOf(source)}`;
  const inputs = inputsOf(stage);
  if (inputs.length > 1) return `${inputs.map(describeInput).join("; ")}; behind an exchange`;
  const key = `${describeRoute({ ...stage, route: "key" })}${howItIsKnown(stage)}`;
  const from = `fed by ${stage.upstream.join(", ")}`;
  return stage.kind === "aligned"
    ? `${key}, ${from}, in the slots of stream "${source?.stream}" without an exchange`
    : `${key}, ${from}, behind an exchange`;
}

function describeInput({ upstream, mode, ...input }: StageInput, at: number): string {
  const changes = mode === undefined ? "" : ` [${mode}]`;
  const how = `${describeRoute(input)}${howItIsKnown(input)}`;
  return `input ${at + 1} ${how}, fed by ${upstream.join(", ")}${changes}`;
}

function readingOf(source: Plan["sources"][number] | undefined): string {
  const { type = "", stream = "" } = source ?? {};
  // What is no stream is called after its type and what it reads; no stream has a colon in its name.
  return stream.startsWith(`${type}:`)
    ? `reads ${type} "${stream.slice(type.length + 1)}"`
    : `reads stream "${stream}" ${startOf(source)}`;
}

function startOf(source: Plan["sources"][number] | undefined): string {
  const startFrom = source?.startFrom ?? "earliest";
  return typeof startFrom === "string"
    ? `from the ${startFrom}`
    : `from ${new Date(startFrom.timeMs).toISOString()}`;
}

/** What the source promises about the partition keys of its records, as far as that is known. */
function partitioningOf(source: Plan["sources"][number] | undefined): string {
  if (source?.partitionedBy !== true) return "";
  const field = source.partitionField ?? "a function of the element (no field can be seen in it)";
  return `, partitioned by ${field}`;
}

/** Which sources it waits for. */
function alignmentOf(source: Plan["sources"][number] | undefined): string {
  if (source?.alignment === undefined) return "";
  const { group, maxDriftMs } = source.alignment;
  return `, at most ${maxDriftMs} ms ahead of group "${group}"`;
}

/** Which slots get an element of an input. */
function describeRoute({ route, ...key }: Omit<StageInput, "upstream" | "mode">): string {
  if (route === "broadcast") return "broadcast to all slots";
  return key.keyedBy?.one === true || key.keyedBy?.spread !== undefined
    ? describeKey(key)
    : `keyed by ${describeKey(key)}`;
}

/** Which fields key a stage, as far as that is known. */
export function describeKey({ keyedBy }: Pick<Stage, "keyedBy">): string {
  if (keyedBy?.one === true) return "one key: all of it in one slot";
  if (keyedBy?.spread === "evenly") return "spread evenly over all slots";
  if (keyedBy?.spread === "custom") return "spread by a partitioner";
  const fields = keyedBy?.fields?.join(" + ") ?? "a function of the element";
  return keyedBy?.kind === "sink" ? `${fields}, the key of the sink's rows` : fields;
}

/** Whether the fields of a key were named, or found by looking through its function. */
function howItIsKnown({ keyedBy }: Pick<Stage, "keyedBy">): string {
  if (keyedBy?.kind !== "keyBy" || keyedBy.one === true) return "";
  if (keyedBy.spread !== undefined) return "";
  if (keyedBy.fields === undefined) return " (no fields can be seen in it)";
  return keyedBy.seen === true ? " (seen in its function)" : "";
}

/** What a sink writes, and what it promises. */
export function describeSink(sink: PlannedSink): string {
  const { type, target, keyFields, keyTypes, guarantee, view } = sink;
  const key = keyFields?.map((name, at) => {
    const { [at]: type } = keyTypes ?? [];
    return type === undefined ? name : `${name} (${type})`;
  });
  const rows = key === undefined ? "" : `, rows by ${key.join(" + ")}`;
  const drawn = view === undefined ? "" : `, drawn as ${view.chart.kind}`;
  return `${type} "${target}"${rows}${drawn}: ${guarantee}`;
}

function operatorLines(
  stage: Stage,
  feeds: (input: OperatorInput) => boolean,
  indent: string,
): readonly string[] {
  // An operator with several inputs stands below its first one.
  const operators = stage.operators.filter(({ inputs: [first] }) => first && feeds(first));
  return operators.flatMap((operator) => [
    `${indent}${describeOperator(operator)}`,
    ...operatorLines(stage, (input) => input.from === operator.node, `${indent}  `),
  ]);
}

function describeOperator({ kind, uid, inputs, gives, sends }: PlannedOperator): string {
  const [first, ...others] = inputs;
  const parts = [uid === undefined ? kind : `${kind} ${uid}`];
  if (gives !== undefined) parts.push(`[${gives}]`);
  if (first?.tag !== undefined) parts.push(`(side output "${first.tag}")`);
  if (others.length > 0) parts.push(`(and ${count(others.length, "more input")})`);
  const targets = sends.map(({ stage, tag }) =>
    tag === undefined ? stage : `${stage} (side output "${tag}")`,
  );
  if (targets.length > 0) parts.push(`→ ${targets.join(", ")}`);
  return parts.join(" ");
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
