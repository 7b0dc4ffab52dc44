import { kinesisSink } from "../../../runtime/connectors/index.ts";
import { defineJob, elementType, type JobDefinition, valueState } from "../../../runtime/index.ts";
import type { Outcome, Shape } from "../shape.ts";
import {
  letterDifferences,
  refusedText,
  stateDifferences,
  streamDifferences,
  trappedText,
} from "./compare.ts";
import { planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import { type Item, springTrap } from "./item.ts";
import { readItems } from "./source.ts";
import { anyVariant, jobOptions, type JobVariant, versions } from "./variants.ts";

/** What comes of an item: both of its calls have been answered. */
interface Answered {
  readonly key: string;
  readonly id: string;
  readonly asked: number;
}

const timeoutMs = 150;
/** Calls of some items are never answered. */
const isSilent = ({ value, seq }: Item): boolean => value === 9 && seq % 3 === 0;

const jobs = versions(buildJob);

/** Calls in front of a keyed stage and behind it: some fail, and some are never answered. */
export const calls: Shape = {
  name: "calls",
  plan(dice) {
    const planned = planFeed(dice, { stream: "items", traps: ["read", "ask", "count"] });
    return {
      ...jobs(anyVariant(dice)),
      feed: planned.records,
      check: (outcome) => check(takenOf(planned, outcome), outcome),
    };
  },
};

function buildJob(variant: JobVariant): JobDefinition {
  return defineJob(
    "calls",
    (env) => {
      readItems(env, "items")
        .mapAsync(answered, { uid: "ask", capacity: 7, timeout: { milliseconds: timeoutMs } })
        .keyBy(({ key }) => key)
        .process({
          uid: "count",
          state: { n: valueState<number>() },
          emits: elementType<Answered>(),
          onElement(item, { key, state, emit }) {
            state.n.set((state.n.get() ?? 0) + 1);
            springTrap(item, "count");
            emit({ key, id: item.id, asked: 1 });
          },
        })
        .mapAsync(async (one) => ({ ...one, asked: one.asked + 1 }), { uid: "again" })
        .sinkTo(kinesisSink({ stream: "answers", partitionKey: ({ key }) => key }), {
          uid: "answers",
        });
    },
    jobOptions(variant),
  );
}

async function answered(item: Item): Promise<Item> {
  if (isSilent(item)) return new Promise(() => undefined);
  for (let turn = 0; turn < item.value; turn++) await Promise.resolve();
  springTrap(item, "ask");
  return item;
}

function check({ items, refused }: PlannedFeed, outcome: Outcome): string[] {
  const letters = refused.map(({ payload }) => refusedText(payload));
  const counted: Item[] = [];
  for (const { item } of items) {
    if (item.trap === "read") letters.push(trappedText("map", item));
    else if (item.trap === "ask" || isSilent(item)) letters.push(trappedText("ask", item));
    else if (item.trap === "count") letters.push(trappedText("count", item));
    else counted.push(item);
  }
  return [
    ...letterDifferences(outcome, letters),
    ...streamDifferences(
      outcome,
      "answers",
      counted.map(({ key, id }) => ({ key, id, asked: 2 })),
    ),
    ...stateDifferences(
      outcome,
      "count/count/n",
      Array.from(
        Map.groupBy(counted, ({ key }) => key),
        ([key, own]) => [key, undefined, own.length] as const,
      ),
    ),
  ];
}
