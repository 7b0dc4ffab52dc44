import { dynamodbSink, kinesisSink } from "../../../runtime/connectors/index.ts";
import { defineJob, type JobDefinition } from "../../../runtime/index.ts";
import type { Outcome, Shape } from "../shape.ts";
import {
  letterDifferences,
  refusedText,
  rowDifferences,
  streamDifferences,
  told,
  trappedText,
} from "./compare.ts";
import type { PlannedFeed } from "./feed.ts";
import { type Item, springTrap } from "./item.ts";
import { planItems } from "./items-plan.ts";
import { readItems } from "./source.ts";
import { jobOptions, type JobVariant, versions } from "./variants.ts";

/** One of several that a flatMap makes of an item. */
interface Part {
  readonly id: string;
  readonly part: number;
  readonly from: string;
  readonly seq: number;
  readonly trap?: string;
}

/** Where each trap fails: all of it runs in the source's stage. */
const operatorOfTrap: Readonly<Record<string, string>> = {
  read: "map",
  filter: "filter",
  flatMap: "flatMap",
  record: "parts",
  row: "part-rows",
};

const jobs = versions(buildJob);

/** Map, filter and flatMap; what comes of them is appended to a stream and written as rows. */
export const stateless: Shape = {
  name: "stateless",
  plan: (dice) => planItems(dice, { jobs, traps: Object.keys(operatorOfTrap), check }),
};

function buildJob(variant: JobVariant): JobDefinition {
  return defineJob(
    "stateless",
    (env) => {
      const parts = readItems(env, "items")
        .filter((item) => {
          springTrap(item, "filter");
          return isKept(item);
        })
        .flatMap(function* (item) {
          for (const part of partsOf(item)) {
            if (part.part === 1) springTrap(item, "flatMap");
            yield part;
          }
        });
      parts.sinkTo(
        kinesisSink({
          stream: "parts",
          partitionKey: ({ from }) => from,
          toRecord({ trap, ...part }) {
            springTrap({ trap } as Item, "record");
            return part;
          },
        }),
        { uid: "parts" },
      );
      parts.sinkTo(
        dynamodbSink({
          table: "parts",
          key: ["id", "part"],
          toRow({ trap, ...part }) {
            springTrap({ trap } as Item, "row");
            return part;
          },
        }),
        { uid: "part-rows" },
      );
    },
    jobOptions(variant),
  );
}

/** Traps further on are kept, so that they are sprung. */
function isKept({ value, trap }: Item): boolean {
  return value % 4 !== 0 || trap !== undefined;
}

function partsOf({ id, from, seq, value, trap }: Item): Part[] {
  const count = trap === undefined ? value % 4 : 2;
  return Array.from({ length: count }, (_, part) => ({
    id,
    part,
    from,
    seq,
    ...(trap !== undefined && { trap }),
  }));
}

function check({ items, refused }: PlannedFeed, outcome: Outcome): string[] {
  const letters = refused.map(({ payload }) => refusedText(payload));
  const parts: Part[] = [];
  for (const { item } of items) {
    if (item.trap !== undefined) letters.push(trappedText(operatorOfTrap[item.trap]!, item));
    else if (isKept(item)) parts.push(...partsOf(item));
  }
  return [
    ...letterDifferences(outcome, letters),
    ...streamDifferences(outcome, "parts", parts),
    ...rowDifferences(outcome, "parts", parts),
    ...orderDifferences(outcome),
  ];
}

/** Parts of one producer stay in order between the versions of a slot; within one a throttled put may change it. */
function orderDifferences({ appended }: Outcome): string[] {
  const { values = [], ids } = appended.get("parts") ?? {};
  const last = new Map<string, { readonly seq: number; readonly version: string }>();
  const wrong: string[] = [];
  for (const [at, { slot, generation, version }] of (ids ?? []).entries()) {
    const { id, from, seq } = values[at] as Part;
    const own = `${slot} ${generation} ${version}`;
    const before = last.get(from);
    if (before !== undefined && seq < before.seq && own !== before.version)
      wrong.push(`${id} after number ${before.seq} of ${from}`);
    if (before === undefined || seq > before.seq) last.set(from, { seq, version: own });
  }
  return told("Out of order in stream parts are", wrong);
}
