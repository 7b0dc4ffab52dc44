import { comparing } from "../../results/select-rows.ts";
import type { ViewDescription } from "../../runtime/graph/view.ts";
import type { Row } from "../../runtime/ports/index.ts";
import type { TableUpdate } from "../schemas/tables.ts";
import type { ServedStore } from "../served-store.ts";
import { createFeed, type Feed } from "./feed.ts";
import { viewNumber } from "./view-number.ts";
import { orderOfView, type ViewOrder } from "./view-order.ts";

export interface TableToFollow {
  /** As the store calls it. */
  readonly name: string;
  /** Fields that are the key of its rows. */
  readonly key: readonly string[];
  /** What is drawn of it: of more rows than are shown those come first that it needs. Default: as they come. */
  readonly view?: ViewDescription;
}

const defaultEveryMs = 250;
/** Of a table with more rows nobody can see what changes; the first ones and their number are told. */
const followedMax = 10_000;
const shownMax = 1_000;

interface Look {
  /** By the text of the key, the text of the row: of the followed ones. */
  readonly rows: ReadonlyMap<string, string>;
  /** Of more rows than are followed, those that a view needs first. */
  readonly first?: readonly Row[];
  readonly total: number;
  /** Of a view that is one number, which all rows make. */
  readonly number?: number;
}

/** A table of results: its rows, then what changes. */
export function tableFeed(
  { ports, rowsEveryMs = defaultEveryMs }: ServedStore,
  { name, key, view }: TableToFollow,
): Feed {
  const order = view && orderOfView(view);
  let before: Look | undefined;
  /** The whole, where that was told last. */
  let told: string | undefined;

  async function read(): Promise<Look> {
    const rows = new Map<string, string>();
    let total = 0;
    const one = view && viewNumber(view);
    const first = order && firstRows(order);
    for await (const row of ports.tables.scan(name)) {
      total += 1;
      one?.add(row);
      first?.add(row);
      if (total > followedMax) continue;
      rows.set(JSON.stringify(key.map((field) => row[field])), JSON.stringify(row));
    }
    const number = one?.value();
    return {
      rows,
      total,
      ...(first && total > followedMax && { first: first.rows() }),
      ...(number !== undefined && { number }),
    };
  }

  const wholeOf = ({ rows, first, total, number }: Look): TableUpdate => ({
    type: "rows",
    key: [...key],
    written: first ? [...first] : shownOf([...rows.values()], order),
    deleted: [],
    total,
    ...(number !== undefined && { number }),
  });

  return createFeed(ports, {
    everyMs: rowsEveryMs,
    look: async () => {
      const now = await read();
      const last = before;
      before = now;
      const isWhole = last === undefined || Math.max(last.total, now.total) > followedMax;
      if (!isWhole) {
        told = undefined;
        const changes = changesOf(last, now, key);
        return changes && JSON.stringify(changes);
      }
      const whole = JSON.stringify(wholeOf(now));
      if (whole === told) return undefined;
      told = whole;
      return whole;
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
    ...(now.number !== undefined && { number: now.number }),
  };
}

/** Of any number of rows the first ones, in a room for twice as many. */
function firstRows({ by, descending }: ViewOrder) {
  let kept: Row[] = [];
  const cut = (): Row[] => (kept = kept.sort(comparing(by, descending)).slice(0, shownMax));
  return {
    add(row: Row): void {
      kept.push(row);
      if (kept.length >= 2 * shownMax) cut();
    },
    rows: cut,
  };
}

function shownOf(texts: readonly string[], order: ViewOrder | undefined) {
  if (order === undefined || texts.length <= shownMax) return texts.slice(0, shownMax).map(parsed);
  return texts.map(parsed).sort(comparing(order.by, order.descending)).slice(0, shownMax);
}

const parsed = (text: string): Record<string, unknown> => JSON.parse(text) as Row;
