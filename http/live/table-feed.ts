import { comparing } from "../../results/select-rows.ts";
import type { ViewDescription } from "../../runtime/graph/view.ts";
import type { Row } from "../../runtime/ports/index.ts";
import type { TableUpdate } from "../schemas/tables.ts";
import type { ServedStore } from "../served-store.ts";
import { createFeed, type Feed } from "./feed.ts";

export interface TableToFollow {
  /** As the store calls it. */
  readonly name: string;
  /** Fields that are the key of its rows. */
  readonly key: readonly string[];
  /** Of more rows than are shown, those in front by this column. Default: as they come. */
  readonly order?: RowOrder;
}

export interface RowOrder {
  readonly by: string;
  readonly descending: boolean;
}

/** Rows that a drawn view can't do without come first. */
export function orderOfView({ chart, time }: ViewDescription): RowOrder | undefined {
  if (chart.kind === "table" && chart.order !== undefined)
    return { by: chart.order, descending: chart.descending === true };
  if (chart.kind === "bars") return { by: chart.value, descending: true };
  return time === undefined ? undefined : { by: time, descending: true };
}

const defaultEveryMs = 250;
/** Of a table with more rows nobody can see what changes; the first ones and their number are told. */
const followedMax = 10_000;
const shownMax = 1_000;

interface Look {
  /** By the text of the key, the text of the row: of the followed ones. */
  readonly rows: ReadonlyMap<string, string>;
  readonly total: number;
}

/** A table of results: its rows, then what changes. */
export function tableFeed(
  { ports, rowsEveryMs = defaultEveryMs }: ServedStore,
  { name, key, order }: TableToFollow,
): Feed {
  let before: Look | undefined;

  async function read(): Promise<Look> {
    const rows = new Map<string, string>();
    let total = 0;
    for await (const row of ports.tables.scan(name)) {
      total += 1;
      if (total > followedMax) continue;
      rows.set(JSON.stringify(key.map((field) => row[field])), JSON.stringify(row));
    }
    return { rows, total };
  }

  const wholeOf = ({ rows, total }: Look): TableUpdate => ({
    type: "rows",
    key: [...key],
    written: shownOf([...rows.values()], order),
    deleted: [],
    total,
  });

  return createFeed(ports, {
    everyMs: rowsEveryMs,
    look: async () => {
      const now = await read();
      const last = before;
      before = now;
      const isWhole = last === undefined || Math.max(last.total, now.total) > followedMax;
      if (isWhole && last?.total === now.total) return undefined;
      const update = isWhole ? wholeOf(now) : changesOf(last, now, key);
      return update === undefined ? undefined : JSON.stringify(update);
    },
    whole: () => (before === undefined ? undefined : JSON.stringify(wholeOf(before))),
  });
}

/** Undefined where nothing has changed. */
function changesOf(before: Look, now: Look, key: readonly string[]): TableUpdate | undefined {
  const written = [...now.rows].filter(([place, text]) => before.rows.get(place) !== text);
  const deleted = [...before.rows].filter(([place]) => !now.rows.has(place));
  if (written.length === 0 && deleted.length === 0) return undefined;
  const rowsOf = (entries: readonly (readonly [string, string])[]) =>
    entries.map(([, text]) => parsed(text));
  return {
    type: "changes",
    key: [...key],
    written: rowsOf(written),
    deleted: rowsOf(deleted),
    total: now.total,
  };
}

function shownOf(texts: readonly string[], order: RowOrder | undefined) {
  if (order === undefined || texts.length <= shownMax) return texts.slice(0, shownMax).map(parsed);
  return texts.map(parsed).sort(comparing(order.by, order.descending)).slice(0, shownMax);
}

const parsed = (text: string): Record<string, unknown> => JSON.parse(text) as Row;
