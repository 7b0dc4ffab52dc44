import { ScanCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { checkWrite } from "../connectors/dynamodb-limits.ts";
import { inputError, isMillraceError, messageOf } from "../errors/millrace-error.ts";
import type { Clock } from "../ports/environment.ts";
import type {
  KeyedTable,
  KeyedWrite,
  KeyedWriteSummary,
  RefusedWrite,
  Row,
  RowKey,
  WriteOrder,
} from "../ports/keyed-table.ts";
import { itemOfRow, rowOfItem } from "./attribute-values.ts";
import { calling, isNamed } from "./aws-errors.ts";
import { concurrently } from "./concurrently.ts";
import { conditionalPut, consistentGet, type Item } from "./conditional-put.ts";

export interface DynamodbKeyedTableOptions {
  readonly client: DynamoDBClient;
  /** The table's name in AWS, by the name that the job gives it. Default: the same. */
  readonly tableName?: (table: string) => string;
  /** Puts under way at a time. Default: 32. */
  readonly maxConcurrentWrites?: number;
  /** Waits before puts that failed are tried again. */
  readonly clock: Clock;
}

const defaultMaxConcurrentWrites = 32;
const firstPauseMs = 50;
const longestPauseMs = 2_000;
/** Rounds of puts in which not one succeeds, before the error reaches the caller: about six seconds of pauses. */
const fruitlessRoundsMax = 7;
const maxKeyAttributes = 2;
const orderAttribute = "_order";
const deletedAttribute = "_deleted";

/**
 * Result tables: one DynamoDB table each, whose partition key is the key's first attribute and whose sort key is
 * its second, if it has one. An item is the row and `_order`, a text that sorts as (generation, version, index);
 * a tombstone is the key, `_order` and `_deleted`.
 */
export function dynamodbKeyedTable(options: DynamodbKeyedTableOptions): KeyedTable {
  const { client, clock, tableName = (table: string) => table } = options;
  const maxConcurrent = options.maxConcurrentWrites ?? defaultMaxConcurrentWrites;
  return {
    async write(table, writes) {
      const refused: RefusedWrite[] = [];
      const items: NumberedItem[] = [];
      for (const [at, keyed] of writes.entries()) {
        try {
          checkWrite(table, keyed);
          items.push({ at, item: itemOfWrite(keyed) });
        } catch (thrown) {
          if (!isRefusal(thrown)) throw thrown;
          refused.push({ at, reason: messageOf(thrown) });
        }
      }
      const summary = await putAll(items, {
        clock,
        limit: maxConcurrent,
        put: (item) => putIfNewer({ client, table: tableName(table), item }),
      });
      refused.push(...(summary.refused ?? []));
      return { ...summary, ...(refused.length > 0 && { refused }) };
    },

    async get(table, key) {
      const item = await consistentGet(client, { table: tableName(table), key: itemOfKey(key) });
      return item === undefined || isTombstone(item) ? undefined : rowOf(item);
    },

    scan: (table) => scanRows(client, tableName(table)),
  };
}

interface PuttingAll {
  readonly clock: Clock;
  readonly limit: number;
  /** Answers whether the item is in place now. */
  readonly put: (item: Item) => Promise<boolean>;
}

interface NumberedItem {
  readonly at: number;
  readonly item: Item;
}

/**
 * Puts all items. What fails for the moment is tried again by itself: a call may hold thousands of items, of which a busy table
 * refuses some each time, and would never come to its end if all began anew.
 */
async function putAll(
  items: readonly NumberedItem[],
  { clock, limit, put }: PuttingAll,
): Promise<KeyedWriteSummary> {
  const refused: RefusedWrite[] = [];
  let pending = items;
  let applied = 0;
  for (let fruitless = 0; pending.length > 0;) {
    const failures: unknown[] = [];
    const outcomes = await concurrently(pending, {
      limit,
      work: async ({ at, item }) => {
        // A table that takes nothing is left alone for a while.
        if (failures.length > limit) return "pending";
        try {
          return (await put(item)) ? "applied" : "superseded";
        } catch (thrown) {
          if (isRefusal(thrown)) {
            refused.push({ at, reason: messageOf(thrown) });
            return "refused";
          }
          if (!isMillraceError(thrown) || !thrown.retryable) throw thrown;
          failures.push(thrown);
          return "pending";
        }
      },
    });
    const left = pending.filter((_, index) => outcomes[index] === "pending");
    applied += outcomes.filter((outcome) => outcome === "applied").length;
    fruitless = left.length < pending.length ? 0 : fruitless + 1;
    if (fruitless === fruitlessRoundsMax) throw failures[0];
    if (left.length > 0) await clock.sleep(Math.min(firstPauseMs * 2 ** fruitless, longestPauseMs));
    pending = left;
  }
  const superseded = items.length - applied - refused.length;
  return { applied, superseded, ...(refused.length > 0 && { refused }) };
}

/** Whether it is for the row itself that the store does not take it: the next one may be good. */
function isRefusal(thrown: unknown): boolean {
  if (!isMillraceError(thrown)) return false;
  return thrown.domain === "input" || refusals.some((name) => isNamed(thrown.cause, name));
}

/** What DynamoDB calls an item that breaks its rules. */
const refusals = ["ValidationException", "ItemCollectionSizeLimitExceededException"];

interface StampedPut {
  readonly client: DynamoDBClient;
  readonly table: string;
  readonly item: Item;
}

async function putIfNewer({ client, table, item }: StampedPut): Promise<boolean> {
  const outcome = await conditionalPut(client, {
    table,
    item,
    condition: {
      expression: "attribute_not_exists(#order) OR #order < :order",
      names: { "#order": orderAttribute },
      values: { ":order": item[orderAttribute]! },
    },
  });
  return outcome.put;
}

async function* scanRows(client: DynamoDBClient, table: string): AsyncGenerator<Row> {
  let after: Item | undefined;
  do {
    const command = new ScanCommand({
      TableName: table,
      ConsistentRead: true,
      ...(after && { ExclusiveStartKey: after }),
    });
    const page = await calling({ resource: `table "${table}"`, action: "dynamodb:Scan" }, () =>
      client.send(command),
    );
    for (const item of page.Items ?? []) if (!isTombstone(item)) yield rowOf(item);
    after = page.LastEvaluatedKey;
  } while (after !== undefined);
}

function itemOfWrite({ key, row, order }: KeyedWrite): Item {
  const stamp = { [orderAttribute]: { S: orderText(order) } };
  const content = row === undefined ? { [deletedAttribute]: { BOOL: true } } : itemOfRow(row);
  return { ...content, ...itemOfKey(key), ...stamp };
}

function itemOfKey(key: RowKey): Item {
  const names = Object.keys(key);
  if (names.length === 0 || names.length > maxKeyAttributes) {
    throw inputError("table-key-too-long", {
      message: `A DynamoDB table's key has one or two attributes; this one has ${names.length} (${names.join(", ")}).`,
      next: "Join several of them into one attribute.",
    });
  }
  return itemOfRow(key);
}

/** Sixteen digits hold every safe integer, so that texts compare as the numbers do. */
function orderText({ generation, version, index }: WriteOrder): string {
  return [generation, version, index].map((number) => String(number).padStart(16, "0")).join(".");
}

const isTombstone = (item: Item): boolean => item[deletedAttribute]?.BOOL === true;

function rowOf(item: Item): Row {
  const { [orderAttribute]: _order, [deletedAttribute]: _deleted, ...row } = item;
  return rowOfItem(row);
}
