import { QueryCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { calling } from "./aws-errors.ts";
import {
  conditionalPut,
  consistentGet,
  type Item,
  type PutConditionExpression,
} from "./conditional-put.ts";

/**
 * The one table that holds the logs and the control rows of all jobs.
 *
 * | row | `pk` (S) | `sk` (S) |
 * |---|---|---|
 * | log | `job#generation#slot` | `log#` and the place in the ring, eight digits |
 * | control | the partition | `row#` and the sort key |
 *
 * The prefixes keep the two apart even where a control partition has the name of a log.
 */
export interface JobTable {
  readonly client: DynamoDBClient;
  readonly table: string;
}

/** Key attributes of the table, for whoever creates it. */
export const jobTableKeys = { partition: "pk", sort: "sk" } as const;

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

const maxPlaceDigits = 8;

/** A `#` or `%` inside a part is escaped, so that no two logs share a partition. */
export function logPartition(log: {
  readonly job: string;
  readonly generation: number;
  readonly slot: string;
}): string {
  return [log.job, String(log.generation), log.slot]
    .map((part) => part.replaceAll("%", "%25").replaceAll("#", "%23"))
    .join("#");
}

export const logSort = (place: number): string =>
  `log#${String(place).padStart(maxPlaceDigits, "0")}`;

const controlPrefix = "row#";
export const controlSort = (sort: string): string => controlPrefix + sort;
export const sortOfControl = (sk: string): string => sk.slice(controlPrefix.length);

/** Puts an item at a key. Where the condition fails, what is there is read if the answer didn't bring it. */
export async function putJobItem(
  { client, table }: JobTable,
  { key, attributes, condition }: JobItemPut,
): Promise<{ readonly put: true } | { readonly put: false; readonly found?: Item }> {
  const at = { pk: { S: key.pk }, sk: { S: key.sk } };
  const item = { ...at, ...attributes };
  const outcome = await conditionalPut(client, { table, item, ...(condition && { condition }) });
  if (outcome.put || outcome.found !== undefined) return outcome;
  // Some stores ignore ReturnValuesOnConditionCheckFailure; rows only move forwards, so a later read serves as well.
  const found = await consistentGet(client, { table, key: at });
  return found === undefined ? { put: false } : { put: false, found };
}

export interface JobItemPut {
  readonly key: ItemKey;
  readonly attributes: Item;
  readonly condition?: PutConditionExpression;
}

export function getJobItem({ client, table }: JobTable, key: ItemKey): Promise<Item | undefined> {
  return consistentGet(client, { table, key: { pk: { S: key.pk }, sk: { S: key.sk } } });
}

/** All items of a partition whose sort key lies in the range (both ends inclusive), in its order, strongly consistent. */
export async function queryJobItems(
  { client, table }: JobTable,
  query: JobItemQuery,
): Promise<Item[]> {
  const items: Item[] = [];
  let after: Item | undefined;
  do {
    const command = new QueryCommand({
      TableName: table,
      ConsistentRead: true,
      KeyConditionExpression: `pk = :pk AND ${"prefix" in query ? "begins_with(sk, :prefix)" : "sk BETWEEN :first AND :last"}`,
      ExpressionAttributeValues: {
        ":pk": { S: query.pk },
        ...("prefix" in query
          ? { ":prefix": { S: query.prefix } }
          : { ":first": { S: query.first }, ":last": { S: query.last } }),
      },
      ...(after && { ExclusiveStartKey: after }),
    });
    const page = await calling({ resource: `table "${table}"`, action: "dynamodb:Query" }, () =>
      client.send(command),
    );
    items.push(...(page.Items ?? []));
    after = page.LastEvaluatedKey;
  } while (after !== undefined);
  return items;
}

export type JobItemQuery =
  | { readonly pk: string; readonly prefix: string }
  | { readonly pk: string; readonly first: string; readonly last: string };

export const controlRows = (partition: string): JobItemQuery => ({
  pk: partition,
  prefix: controlPrefix,
});
