import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type {
  AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
} from "@aws-sdk/client-dynamodb";
import { calling, isNamed } from "./aws-errors.ts";

export type Item = Record<string, AttributeValue>;

export interface ConditionalPut {
  readonly table: string;
  readonly item: Item;
  /** Absent: the item is put whatever is there. */
  readonly condition?: PutConditionExpression;
}

export interface PutConditionExpression {
  readonly expression: string;
  readonly names: Record<string, string>;
  readonly values?: Item;
}

export type ConditionalPutOutcome =
  | { readonly put: true }
  /** `found` is the item that made the condition fail, where the store said it. */
  | { readonly put: false; readonly found?: Item };

/** Puts one item if the condition holds; a condition that doesn't hold is an answer, not an error. */
export async function conditionalPut(
  client: DynamoDBClient,
  put: ConditionalPut,
): Promise<ConditionalPutOutcome> {
  const { table, item, condition } = put;
  const command = new PutItemCommand({
    TableName: table,
    Item: item,
    ...(condition && {
      ConditionExpression: condition.expression,
      ExpressionAttributeNames: condition.names,
      ...(condition.values && { ExpressionAttributeValues: condition.values }),
      ReturnValuesOnConditionCheckFailure: "ALL_OLD" as const,
    }),
  });
  return calling({ resource: `table "${table}"`, action: "dynamodb:PutItem" }, async () => {
    try {
      await client.send(command);
      return { put: true };
    } catch (error) {
      if (!isNamed(error, "ConditionalCheckFailedException")) throw error;
      const found = (error as ConditionalCheckFailedException).Item;
      return found === undefined ? { put: false } : { put: false, found };
    }
  });
}

/** Reads one item, strongly consistent. */
export async function consistentGet(
  client: DynamoDBClient,
  { table, key }: { readonly table: string; readonly key: Item },
): Promise<Item | undefined> {
  const command = new GetItemCommand({ TableName: table, Key: key, ConsistentRead: true });
  const about = { resource: `table "${table}"`, action: "dynamodb:GetItem" };
  return calling(about, async () => (await client.send(command)).Item);
}
