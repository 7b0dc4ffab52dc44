import { DescribeTableCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { keyTypeOf } from "../connectors/table-key-fault.ts";
import type { TableSchemas } from "../ports/keyed-table.ts";
import { calling } from "./aws-errors.ts";

export interface DynamodbTableSchemasOptions {
  readonly client: DynamoDBClient;
}

/** What DynamoDB tells about tables, which may be others than this job's own. */
export function dynamodbTableSchemas({ client }: DynamodbTableSchemasOptions): TableSchemas {
  return {
    keyOf: async (table) => {
      const about = { resource: `table "${table}"`, action: "dynamodb:DescribeTable" };
      const { Table: { KeySchema: key = [], AttributeDefinitions: attributes = [] } = {} } =
        await calling(about, () => client.send(new DescribeTableCommand({ TableName: table })));
      // "HASH", the partition key, and then "RANGE": DynamoDB lists them so, and takes no other order.
      return key.map(({ AttributeName: name = "" }) => {
        const attribute = attributes.find(({ AttributeName }) => AttributeName === name);
        return { name, type: keyTypeOf(attribute?.AttributeType) };
      });
    },
  };
}
