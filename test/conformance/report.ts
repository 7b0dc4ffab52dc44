import type { Drive } from "./drive-app.ts";
import type { Latency } from "./latency/measure-latency.ts";
import { prices } from "../../cost/index.ts";
import type { Usage, World } from "./worlds/world.ts";

/** What a run did, as lines for people. */
export function reportLines(world: World, drives: readonly Drive[]): readonly string[] {
  return [
    `on ${world.name}`,
    ...drives.flatMap((drive) => [
      drive.job,
      ...linesOf([
        ["records", `${drive.records}, ${drive.duplicates} of them sent twice`],
        ["reshards", `${drive.splits} splits, ${drive.merges} merges`],
        ["records handed over again by the run", String(drive.redelivered)],
        ["redeployments, savepoints, stops, restores", `${drive.redeployments}, 1, 1, 1`],
        ["rows compared", String(drive.rows)],
        ["dead letters", String(drive.deadLetters)],
        ...invocationFigures(drive),
        ["differences", drive.differences.length === 0 ? "none" : drive.differences.join("; ")],
      ]),
    ]),
    "beside the apps",
    ...linesOf(world.figures()),
  ];
}

type Figure = readonly [what: string, how: string];

function linesOf(figures: readonly Figure[]): readonly string[] {
  return figures.map(([what, how]) => `  ${what}: ${how}`);
}

function invocationFigures({ invocations, records }: Drive): readonly Figure[] {
  const { process, coordinator, errors, usage, coldStartsMs, durationsMs } = invocations;
  const perMillion = Math.round((process / records) * 1_000_000);
  return [
    ["invocations", `${process} and ${coordinator} of the coordinator, ${errors} failed`],
    ["invocations per million records", String(perMillion)],
    ["cold starts", `${coldStartsMs.length}, ${quantiles(coldStartsMs)}`],
    ["a batch took", quantiles(durationsMs)],
    ...costFigures(usage, records),
  ];
}

/** What was counted, at list prices. Shard hours and storage go on whatever the load is, so they are not in it. */
function costFigures(usage: Usage, records: number): readonly Figure[] {
  const { lambda, dynamodb, kinesis } = prices;
  const { invocations, gibSeconds, writeUnits, readUnits, putUnits } = usage;
  const parts: readonly (readonly [name: string, usd: number | undefined])[] = [
    ["Lambda", invocations * lambda.request + gibSeconds * lambda.gibSecond],
    ["DynamoDB writes", writeUnits && writeUnits * dynamodb.writeUnit],
    ["DynamoDB reads", readUnits && readUnits * dynamodb.readUnit],
    ["Kinesis puts", putUnits && putUnits * kinesis.putUnit],
  ];
  return parts.map(([name, usd]) => [
    `${name}, US dollars per million records`,
    usd === undefined ? "not counted here" : ((usd / records) * 1_000_000).toFixed(2),
  ]);
}

/** The median and the 99th percentile, in milliseconds. */
export function quantiles(values: readonly number[]): string {
  if (values.length === 0) return "not known";
  const sorted = values.toSorted((left, right) => left - right);
  const at = (share: number): number =>
    Math.round(sorted[Math.floor((sorted.length - 1) * share)]!);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

export function latencyLines({
  latenciesMs,
  sourceAffinity,
  exchangeAffinity,
}: Latency): readonly string[] {
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  return [
    "probes through an idle job, from put to row",
    ...linesOf([
      ["latency", `${quantiles(latenciesMs)}, of ${latenciesMs.length}`],
      [
        "served by the same environment as the probe before",
        `${percent(sourceAffinity)} at the source, ${percent(exchangeAffinity)} behind the exchange`,
      ],
    ]),
  ];
}
