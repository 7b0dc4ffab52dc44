import { ScanCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { checkWrite } from "../connectors/dynamodb-limits.ts";
import { ownedByOther } from "../connectors/row-order.ts";
import { inputError, isMillraceError, messageOf } from "../errors/millrace-error.ts";
import type { Clock, Random } from "../ports/environment.ts";
import type {
  KeyedTable,
  KeyedWrite,
  KeyedWriteSummary,
  RefusedWrite,
  Row,
  RowKey,
  RowWriter,
  WriteOrder,
} from "../ports/keyed-table.ts";
import { retry, type RetryPolicy, type RetryPorts, tryOf } from "../retry/retry.ts";
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
  readonly random: Random;
}

const defaultMaxConcurrentWrites = 32;
/** Rounds of puts in which not one succeeds, before the error reaches the caller: about three seconds of pauses. */
const rounds: RetryPolicy = { triesMax: 7, firstPauseMs: 100, pauseMaxMs: 2_000 };
const maxKeyAttributes = 2;
const orderAttribute = "_order";
const ownerAttribute = "_owner";
const deletedAttribute = "_deleted";

/**
 * Result tables: one DynamoDB table each, whose partition key is the key's first attribute and whose sort key is
 * its second, if it has one. An item is the row, the job that owns it in `_owner`, and `_order`, a text that sorts as (incarnation,
 * generation, version, index); a tombstone is the key, both of these and `_deleted`. Items that were written before rows had owners lack
 * `_owner`, and their `_order` has no incarnation: it sorts below all that have one.
 */
export function dynamodbKeyedTable(options: DynamodbKeyedTableOptions): KeyedTable {
  const { client, clock, random, tableName = (table: string) => table } = options;
  const maxConcurrent = options.maxConcurrentWrites ?? defaultMaxConcurrentWrites;
  return {
    async write(table, writes, writer) {
      const refused: RefusedWrite[] = [];
      const items: NumberedItem[] = [];
      for (const [at, keyed] of writes.entries()) {
        try {
          checkWrite(table, keyed);
          items.push({ at, item: itemOfWrite(keyed, writer) });
        } catch (thrown) {
          if (!isRefusal(thrown)) throw thrown;
          refused.push({ at, reason: messageOf(thrown) });
        }
      }
      const summary = await putAll(items, {
        ports: { clock, random },
        limit: maxConcurrent,
        put: ({ at, item }) =>
          putIfNewer({
            client,
            table: tableName(table),
            item,
            key: itemOfKey(writes[at]!.key),
            writer,
          }),
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
  readonly ports: RetryPorts;
  readonly limit: number;
  /** Answers whether the item is in place now. */
  readonly put: (item: NumberedItem) => Promise<boolean>;
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
  { ports, limit, put }: PuttingAll,
): Promise<KeyedWriteSummary> {
  const refused: RefusedWrite[] = [];
  let pending = items;
  let applied = 0;
  let failures: unknown[] = [];
  const isPut = await retry(ports, rounds, async () => {
    failures = [];
    const outcomes = await concurrently(pending, {
      limit,
      work: async (item) => {
        // A table that takes nothing is left alone for a while.
        if (failures.length > limit) return "pending";
        try {
          return (await put(item)) ? "applied" : "superseded";
        } catch (thrown) {
          if (isRefusal(thrown)) {
            refused.push({ at: item.at, reason: messageOf(thrown) });
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
    const before = pending.length;
    pending = left;
    return tryOf(before, left.length);
  });
  if (!isPut) throw failures[0];
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
  readonly key: Item;
  readonly writer: RowWriter;
}

/** protocol 9.1, as in connectors/row-order.ts. @throws an InputError where the row is another job's. */
async function putIfNewer({ client, table, item, key, writer }: StampedPut): Promise<boolean> {
  const isOurs = "(attribute_not_exists(#owner) OR #owner = :owner)";
  const isNewer = `(attribute_not_exists(#order) OR (#order < :order AND ${isOurs}))`;
  const isOthers = "(attribute_exists(#owner) AND #owner <> :owner)";
  const outcome = await conditionalPut(client, {
    table,
    item,
    condition: {
      expression: writer.takesOver ? `${isNewer} OR ${isOthers}` : isNewer,
      names: { "#order": orderAttribute, "#owner": ownerAttribute },
      values: { ":order": item[orderAttribute]!, ":owner": item[ownerAttribute]! },
    },
  });
  if (outcome.put) return true;
  if (writer.takesOver) return false;
  // Some stores don't say what they found.
  const inPlace = outcome.found ?? (await consistentGet(client, { table, key }));
  const found = inPlace?.[ownerAttribute]?.S;
  if (found === undefined || found === writer.job) return false;
  throw inputError("row-of-another-job", {
    message: ownedByOther(found),
    next: "Give the job a table of its own, or let the sink take over.",
  });
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

function itemOfWrite({ key, row, order }: KeyedWrite, writer: RowWriter): Item {
  const stamp = {
    [orderAttribute]: { S: orderText(order, writer.incarnation) },
    [ownerAttribute]: { S: writer.job },
  };
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

/**
 * Sixteen digits hold every safe integer, so that texts compare as the numbers do. A letter stands before an incarnation, above
 * all digits: a job that has none goes on as it began.
 */
function orderText({ generation, version, index }: WriteOrder, incarnation: number): string {
  const order = [generation, version, index].map(digits).join(".");
  return incarnation === 0 ? order : `i${digits(incarnation)}.${order}`;
}

const digits = (number: number): string => String(number).padStart(16, "0");

const isTombstone = (item: Item): boolean => item[deletedAttribute]?.BOOL === true;

function rowOf(item: Item): Row {
  const {
    [orderAttribute]: _order,
    [ownerAttribute]: _owner,
    [deletedAttribute]: _deleted,
    ...row
  } = item;
  return rowOfItem(row);
}
