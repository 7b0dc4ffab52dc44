import type { ControlRow, ControlTable, PutCondition } from "../ports/control-table.ts";
import { stateError } from "../errors/millrace-error.ts";
import { conditionalDelete } from "./conditional-delete.ts";
import type { Item, PutConditionExpression } from "./conditional-put.ts";
import {
  controlRows,
  controlSort,
  getJobItem,
  putJobItem,
  queryJobItems,
  sortOfControl,
} from "./job-table.ts";
import type { JobTable } from "./job-table.ts";

/** Control rows in the job table: the value as JSON text, the rank as a number. */
export function dynamodbControlTable(table: JobTable): ControlTable {
  return {
    async get({ partition, sort }) {
      const item = await getJobItem(table, { pk: partition, sk: controlSort(sort) });
      return item && rowOf(item);
    },

    async list(partition) {
      const rows = (await queryJobItems(table, controlRows(partition))).map(rowOf);
      // DynamoDB orders by UTF-8 bytes, which differs from code units beyond the basic plane.
      return rows.sort((a, b) => (a.sort < b.sort ? -1 : 1));
    },

    async put(row, condition) {
      const expression = expressionOf(condition, row.rank);
      const outcome = await putJobItem(table, {
        key: { pk: row.partition, sk: controlSort(row.sort) },
        attributes: { rank: { N: String(row.rank) }, value: { S: JSON.stringify(row.value) } },
        ...(expression && { condition: expression }),
      });
      if (outcome.put) return { written: true };
      return outcome.found === undefined
        ? { written: false }
        : { written: false, found: rowOf(outcome.found) };
    },

    async delete({ partition, sort, rank }) {
      const key = { pk: { S: partition }, sk: { S: controlSort(sort) } };
      await conditionalDelete(table.client, { table: table.table, key, condition: hasRank(rank) });
    },
  };
}

function expressionOf(condition: PutCondition, rank: number): PutConditionExpression | undefined {
  const names = { "#rank": "rank" };
  switch (condition.kind) {
    case "always":
      return undefined;
    case "absent":
      return { expression: "attribute_not_exists(#rank)", names };
    case "forward":
      return {
        expression: "attribute_not_exists(#rank) OR #rank < :rank",
        names,
        values: { ":rank": { N: String(rank) } },
      };
    case "rank":
      return hasRank(condition.rank);
  }
}

const hasRank = (rank: number): PutConditionExpression => ({
  expression: "#rank = :rank",
  names: { "#rank": "rank" },
  values: { ":rank": { N: String(rank) } },
});

function rowOf(item: Item): ControlRow {
  const { pk, sk, rank, value } = item;
  if (pk?.S === undefined || sk?.S === undefined || !rank?.N || value?.S === undefined) {
    throw stateError("control-row-damaged", {
      message: `The control row at ${pk?.S} ${sk?.S} has no rank or no value.`,
      next: "Something other than Millrace wrote to the table; restore the row from a backup.",
    });
  }
  return {
    partition: pk.S,
    sort: sortOfControl(sk.S),
    rank: Number(rank.N),
    value: JSON.parse(value.S),
  };
}
