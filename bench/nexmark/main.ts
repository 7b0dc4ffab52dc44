import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { median } from "../median.ts";
import { nexmarkLines } from "./generator.ts";
import { queries, type QueryName } from "./queries.ts";
import { referenceRows } from "./reference.ts";
import { runQuery } from "./run-query.ts";

/**
 * Nexmark in this process: `node bench/nexmark/main.ts --query q5,q11 --events 500000`, with `--durable` on SQLite, `--input events.ndjson` over
 * a file, `--output rows.csv` to keep the rows of one query, `--check` to compare them with a plain computation.
 */
const { values } = parseArgs({
  options: {
    query: { type: "string", default: Object.keys(queries).join() },
    events: { type: "string", default: "200000" },
    seed: { type: "string", default: "42" },
    rounds: { type: "string", default: "3" },
    input: { type: "string" },
    output: { type: "string" },
    durable: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});
const names = values.query.split(",").map((name) => {
  if (!Object.hasOwn(queries, name))
    throw new Error(`There is no query "${name}": ${Object.keys(queries).join(", ")}.`);
  return name as QueryName;
});
const lines =
  values.input === undefined
    ? [...nexmarkLines({ count: Number(values.events), seed: Number(values.seed) })]
    : readFileSync(values.input, "utf8").trimEnd().split("\n");
console.table(await measureAll());

async function measureAll() {
  const figures = [];
  for (const name of names) figures.push(await measure(name));
  return figures;
}

async function measure(name: QueryName) {
  const { durable } = values;
  const runs = [];
  let rows: readonly unknown[] = [];
  // The first round warms up.
  for (let round = 0; round <= Number(values.rounds); round++) {
    const run = await runQuery({ name, lines, durable });
    if (round > 0 || values.rounds === "0") runs.push(run);
    rows = run.rows;
  }
  if (values.output !== undefined) writeFileSync(values.output, textOf(rows));
  const per = (seconds: readonly number[]): number => Math.round(lines.length / median(seconds));
  return {
    query: name,
    rows: rows.length,
    perSecond: per(runs.map(({ wallSeconds }) => wallSeconds)),
    perCpuSecond: per(runs.map(({ cpuSeconds }) => cpuSeconds)),
    ...(values.check && { rowsAreRight: areEqual(rows, referenceRows(name, lines)) }),
  };
}

function textOf(rows: readonly unknown[]): string {
  return rows.map((row) => `${typeof row === "string" ? row : JSON.stringify(row)}\n`).join("");
}

function areEqual(rows: readonly unknown[], others: readonly unknown[]): boolean {
  const sorted = (some: readonly unknown[]): string => textOf(some).split("\n").sort().join("\n");
  return sorted(rows) === sorted(others);
}
