import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { median } from "./median.ts";

/**
 * Events per CPU-second of this checkout against those of another one, and runs of its simulator: `npm run bench:compare -- ../before`,
 * with `--only exchange` for some cases. Both run in turn, and what counts is the median of the ratios of neighbours: on a busy machine no figure stands for itself.
 * Where the others of the machine take the caches too, the best figures of both tell more: each had one quiet moment among its pairs.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", default: "" },
    pairs: { type: "string", default: "11" },
    events: { type: "string", default: "60000" },
  },
});
const other = positionals[0];
if (other === undefined) throw new Error("Name the other checkout's folder.");
const here = await start(fileURLToPath(new URL("..", import.meta.url)));
const before = await start(other);
const rows = [];
for (const name of here.cases.filter((one) => one.includes(values.only)))
  rows.push(await compare(name, Number(values.pairs)));
process.stdout.write(`${before.folder} is 1; medians of ${values.pairs} pairs\n`);
console.table(rows);
here.child.disconnect();
before.child.disconnect();

interface Checkout {
  readonly folder: string;
  readonly child: ChildProcess;
  readonly cases: readonly string[];
}

async function start(folder: string): Promise<Checkout> {
  const child = fork(fileURLToPath(new URL("compare-child.ts", import.meta.url)), [folder]);
  return { folder, child, cases: await answerOf<readonly string[]>(child) };
}

async function compare(name: string, pairs: number) {
  const ratios: number[] = [];
  const figures: Figures[] = [];
  // The first pair warms up.
  for (let pair = 0; pair <= pairs; pair++) {
    const isFirst = pair % 2 === 0;
    const ahead = isFirst ? await measure(here, name) : 0;
    const others = await measure(before, name);
    const own = isFirst ? ahead : await measure(here, name);
    if (pair === 0) continue;
    ratios.push(own / others);
    figures.push({ own, others });
  }
  return {
    case: name,
    ratio: Number(median(ratios).toFixed(3)),
    ofBest: Number((best(figures, "own") / best(figures, "others")).toFixed(3)),
    before: shown(median(figures.map(({ others }) => others))),
    here: shown(median(figures.map(({ own }) => own))),
  };
}

/** Runs are few in a second, and events many. */
function shown(figure: number): number {
  return figure < 1_000 ? Number(figure.toPrecision(3)) : Math.round(figure);
}

interface Figures {
  readonly own: number;
  readonly others: number;
}

function best(figures: readonly Figures[], whose: keyof Figures): number {
  return Math.max(...figures.map(({ [whose]: figure }) => figure));
}

async function measure({ child }: Checkout, name: string): Promise<number> {
  child.send({ name, events: Number(values.events) });
  return await answerOf<number>(child);
}

async function answerOf<T>(child: ChildProcess): Promise<T> {
  const [answer] = (await once(child, "message")) as [T];
  return answer;
}
