import { dynamodbSink } from "../../../runtime/connectors/index.ts";
import {
  type BroadcastContext,
  defineJob,
  elementType,
  type JobDefinition,
  mapState,
  valueState,
} from "../../../runtime/index.ts";
import { type Outcome, report, type Shape } from "../shape.ts";
import {
  lastNumbers,
  letterDifferences,
  refusedText,
  rowDifferences,
  stateDifferences,
  trappedText,
} from "./compare.ts";
import { interleave, names, planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import { checkOrder, type Item, springTrap } from "./item.ts";
import { readItems } from "./source.ts";
import { anyVariant, jobOptions, type JobVariant, versions } from "./variants.ts";

/** What has been said about a topic: a sum, so that an element that comes twice or not at all shows. */
interface Said {
  readonly n: number;
  readonly sum: number;
}

const jobs = versions(buildJob);

/**
 * Rules go to every slot while items of keys flow. When both streams have ended each key tells what its slot has of all the rules, whichever
 * slots it has been in: that does not depend on the order between the two.
 */
export const broadcast: Shape = {
  name: "broadcast",
  plan(dice) {
    const items = planFeed(dice, {
      stream: "items",
      count: dice.between(100, 130),
      keys: names("k", dice.between(5, 30)),
      traps: ["read", "judge"],
    });
    const rules = planFeed(dice, {
      stream: "rules",
      count: dice.between(110, 140),
      keys: names("t", dice.between(3, 8)),
      traps: ["read"],
    });
    return {
      ...jobs(anyVariant(dice)),
      feed: interleave(dice, items.records, rules.records),
      check: (outcome) =>
        check({ items: takenOf(items, outcome), rules: takenOf(rules, outcome) }, outcome),
    };
  },
};

const rulesState = { said: mapState<string, Said>(), lastRule: mapState<string, number>() };

function buildJob(variant: JobVariant): JobDefinition {
  return defineJob(
    "broadcast",
    (env) => {
      const rules = readItems(env, "rules").broadcast(rulesState);
      readItems(env, "items")
        .keyBy("key")
        .connect(rules)
        .process({
          uid: "judge",
          state: { n: valueState<number>(), last: mapState<string, number>() },
          emits: elementType<{ readonly key: string; readonly n: number; readonly said: string }>(),
          onElement(item, { state, timers }) {
            state.n.set((state.n.get() ?? 0) + 1);
            springTrap(item, "judge");
            checkOrder("judge", item, state.last);
            timers.event("end").set(Number.MAX_SAFE_INTEGER);
          },
          onBroadcastElement: takeRule,
          onTimer: {
            end({ key, state, broadcast: { said }, emit }) {
              emit({ key, n: state.n.get() ?? 0, said: saidText(said.entries()) });
            },
          },
        })
        .sinkTo(dynamodbSink({ table: "judged", key: ["key"] }), { uid: "rows" });
    },
    jobOptions(variant),
  );
}

function takeRule(rule: Item, ctx: BroadcastContext<typeof rulesState, Item>): void {
  const { said, lastRule } = ctx.broadcast;
  said.set(rule.key, added(said.get(rule.key), rule));
  const before = lastRule.get(rule.from) ?? 0;
  if (rule.seq <= before) report(`rule ${rule.id}, number ${rule.seq}, came after ${before}.`);
  lastRule.set(rule.from, rule.seq);
}

function added({ n, sum }: Said = { n: 0, sum: 0 }, { value }: Item): Said {
  return { n: n + 1, sum: sum + value };
}

function saidText(said: Iterable<readonly [string, Said]>): string {
  return Array.from(said, ([topic, { n, sum }]) => `${topic}: ${n} make ${sum}`).join(", ");
}

interface Feeds {
  readonly items: PlannedFeed;
  readonly rules: PlannedFeed;
}

function check({ items, rules }: Feeds, outcome: Outcome): string[] {
  const letters = [...items.refused, ...rules.refused].map(({ payload }) => refusedText(payload));
  const judged: Item[] = [];
  const said = new Map<string, Said>();
  const lastRule = new Map<string, number>();
  const ruleItems = new Set(rules.items.map(({ item }) => item));
  for (const { item } of [...items.items, ...rules.items]) {
    if (item.trap === "read") letters.push(trappedText("map", item));
    else if (item.trap === "judge") letters.push(trappedText("judge", item));
    else if (ruleItems.has(item)) {
      said.set(item.key, added(said.get(item.key), item));
      lastRule.set(item.from, item.seq);
    } else judged.push(item);
  }
  const text = saidText([...said].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  const byKey = Map.groupBy(judged, ({ key }) => key);
  const rows = Array.from(byKey, ([key, own]) => ({ key, n: own.length, said: text }));
  return [
    ...letterDifferences(outcome, letters),
    ...rowDifferences(outcome, "judged", rows),
    ...stateDifferences(
      outcome,
      "judge/judge/n",
      rows.map(({ key, n }) => [key, undefined, n]),
    ),
    ...stateDifferences(outcome, "judge/judge/last", lastNumbers(byKey)),
    ...stateDifferences(outcome, "judge/judge/timers", []),
    ...stateDifferences(
      outcome,
      "judge/judge/said",
      Array.from(said, ([topic, sums]) => [undefined, topic, sums] as const),
    ),
    ...stateDifferences(
      outcome,
      "judge/judge/lastRule",
      Array.from(lastRule, ([from, seq]) => [undefined, from, seq] as const),
    ),
  ];
}
