import { encodeAppended } from "../../../runtime/connectors/index.ts";
import type { Dice, FeedRecord, Shape } from "../shape.ts";
import { countJob } from "./count-job.ts";
import { countDifferences } from "./counts.ts";
import { names, type Planned, planFeed, type PlannedFeed, takenOf } from "./feed.ts";
import type { Item } from "./item.ts";
import { anyVariant, type JobVariant, versions } from "./variants.ts";

const jobs = versions((variant: JobVariant) =>
  countJob("drop-duplicates", variant, { dropDuplicates: true }),
);

/** The rolling count over what slots of another job append: under record ids, and some records more than once. */
export const dropDuplicates: Shape = {
  name: "drop-duplicates",
  plan(dice) {
    const planned = planFeed(dice, {
      stream: "items",
      count: dice.between(190, 230),
      traps: ["read", "count"],
    });
    const { feed, copies, items } = appendTwice(dice, planned);
    const put = { ...planned, items };
    return {
      ...jobs(anyVariant(dice)),
      feed,
      check: (outcome) => countDifferences(takenOf(put, outcome), outcome, copies),
    };
  },
};

const repeatShare = 0.25;

interface Slot {
  readonly name: string;
  version: number;
  index: number;
  readonly records: FeedRecord[];
}

interface AppendedFeed {
  readonly feed: readonly FeedRecord[];
  /** How often each item was put. */
  readonly copies: ReadonlyMap<string, number>;
  /** The items with the records that were put, which are the same for all copies. */
  readonly items: PlannedFeed["items"];
}

/**
 * Puts the items into envelopes of several slots. Each goes from version to version, and at any time puts again what it
 * has put before: of this version, or, where it slept, of an old one.
 */
function appendTwice(dice: Dice, { records, items }: PlannedFeed): AppendedFeed {
  const slots: Slot[] = names("upstream/slot-", dice.between(2, 4)).map((name) => ({
    name,
    version: 1,
    index: 0,
    records: [],
  }));
  const itemOf = new Map<FeedRecord, Item>(items.map(({ item, record }) => [record, item]));
  const copies = new Map<string, number>();
  const put: Planned[] = [];
  const feed: FeedRecord[] = [];
  const idOf = new Map<FeedRecord, string>();
  for (const record of records) {
    const item = itemOf.get(record);
    if (item === undefined) {
      feed.push(record);
      continue;
    }
    const slot = dice.pick(slots);
    if (dice.chance(0.3)) {
      slot.version += dice.between(1, 3);
      slot.index = 0;
    }
    const { name, version } = slot;
    const id = { slot: name, generation: 1, version, index: slot.index };
    slot.index += dice.between(1, 2);
    const appended: FeedRecord = { ...record, data: encodeAppended(id, item) };
    slot.records.push(appended);
    idOf.set(appended, item.id);
    put.push({ item, record: appended });
    copies.set(item.id, 1);
    feed.push(appended);
    if (!dice.chance(repeatShare)) continue;
    const count = dice.between(1, 3);
    const recent = dice.chance(0.7) ? slot.records.slice(-4) : slot.records;
    for (const again of dice.shuffle(recent).slice(0, count)) {
      feed.push(again);
      const repeated = idOf.get(again)!;
      copies.set(repeated, copies.get(repeated)! + 1);
    }
  }
  return { feed, copies, items: put };
}
