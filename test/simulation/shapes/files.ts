import { fileSink } from "../../../runtime/connectors/index.ts";
import { defineJob, elementType, type JobDefinition, valueState } from "../../../runtime/index.ts";
import type { Outcome, Shape } from "../shape.ts";
import {
  fileDifferences,
  letterDifferences,
  refusedText,
  stateDifferences,
  trappedText,
} from "./compare.ts";
import type { PlannedFeed } from "./feed.ts";
import { type Item, springTrap } from "./item.ts";
import { planItems } from "./items-plan.ts";
import { readItems } from "./source.ts";
import { jobOptions, type JobVariant, versions } from "./variants.ts";

/** Where each trap fails. */
const operatorOfTrap: Readonly<Record<string, string>> = {
  read: "map",
  line: "item-lines",
  count: "count",
};

const jobs = versions(buildJob);

/** Items, and a count of each key, as lines of files that appear when epochs are complete. */
export const files: Shape = {
  name: "files",
  plan: (dice) => planItems(dice, { jobs, traps: Object.keys(operatorOfTrap), check }),
};

function buildJob(variant: JobVariant): JobDefinition {
  return defineJob(
    "files",
    (env) => {
      const items = readItems(env, "items");
      items.sinkTo(
        fileSink({
          folder: "item-lines",
          toLine(item) {
            springTrap(item, "line");
            return lineOf(item);
          },
        }),
        { uid: "item-lines" },
      );
      items
        .keyBy((item) => item.key)
        .process({
          uid: "count",
          state: { n: valueState<number>() },
          emits: elementType<{ readonly key: string; readonly n: number }>(),
          onElement(item, { state, key, emit }) {
            const n = (state.n.get() ?? 0) + 1;
            state.n.set(n);
            springTrap(item, "count");
            emit({ key, n });
          },
        })
        .sinkTo(fileSink({ folder: "count-lines" }), { uid: "count-lines" });
    },
    jobOptions(variant),
  );
}

const lineOf = ({ id, from, seq }: Item) => ({ id, from, seq });

function check({ items, refused }: PlannedFeed, outcome: Outcome): string[] {
  const letters = refused.map(({ payload }) => refusedText(payload));
  const lines: unknown[] = [];
  const counted = new Map<string, number>();
  for (const { item } of items) {
    if (item.trap !== undefined) letters.push(trappedText(operatorOfTrap[item.trap]!, item));
    // What fails behind the exchange was a line before.
    if (item.trap === undefined || item.trap === "count") lines.push(lineOf(item));
    if (item.trap === undefined) counted.set(item.key, (counted.get(item.key) ?? 0) + 1);
  }
  const counts = [...counted].flatMap(([key, count]) =>
    Array.from({ length: count }, (_, index) => ({ key, n: index + 1 })),
  );
  return [
    ...letterDifferences(outcome, letters),
    ...fileDifferences(outcome, "item-lines", lines),
    ...fileDifferences(outcome, "count-lines", counts),
    ...stateDifferences(
      outcome,
      "count/count/n",
      [...counted].map(([key, n]) => [key, undefined, n]),
    ),
  ];
}
