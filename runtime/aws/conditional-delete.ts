import { DeleteItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { calling, isNamed } from "./aws-errors.ts";
import type { Item, PutConditionExpression } from "./conditional-put.ts";

/** Deletes one item if the condition holds; where it doesn't, nothing happens. */
export async function conditionalDelete(
  client: DynamoDBClient,
  { table, key, condition }: ConditionalDelete,
): Promise<void> {
  const { expression, names, values } = condition;
  const command = new DeleteItemCommand({
    TableName: table,
    Key: key,
    ConditionExpression: expression,
    ExpressionAttributeNames: names,
    ...(values && { ExpressionAttributeValues: values }),
  });
  await calling({ resource: `table "${table}"`, action: "dynamodb:DeleteItem" }, async () => {
    try {
      await client.send(command);
    } catch (error) {
      if (!isNamed(error, "ConditionalCheckFailedException")) throw error;
    }
  });
}

export interface ConditionalDelete {
  readonly table: string;
  readonly key: Item;
  readonly condition: PutConditionExpression;
}
