import { expect, test } from "vitest";
import { dynamodbSink, kinesisSink } from "../../../runtime/connectors/index.ts";

interface Row {
  readonly id: string;
  readonly tags: readonly string[];
}

const key = { id: "string" } as const;

test("a sink that shows its elements to no function of the user's says that it copies", () => {
  expect(dynamodbSink<Row>({ table: "rows", key }).copies).toBe(true);
  expect(kinesisSink<Row>({ stream: "rows", partitionKey: ({ id }) => id }).copies).toBe(true);
});

test("one that does not may be given what the function keeps, and says nothing", () => {
  const kept: Row[] = [];
  const keep = (row: Row): Row => {
    kept.push(row);
    return row;
  };
  const partitionKey = ({ id }: Row): string => id;
  expect(dynamodbSink<Row, Row>({ table: "rows", key, toRow: keep }).copies).toBe(false);
  expect(kinesisSink<Row>({ stream: "rows", partitionKey, toRecord: keep }).copies).toBe(false);
  const keeping = (row: Row): string => keep(row).id;
  expect(kinesisSink<Row>({ stream: "rows", partitionKey: keeping }).copies).toBe(false);
});

test("what such a sink wants written shares nothing with the element", () => {
  const tags = ["a"];
  const sinks = [
    dynamodbSink<Row>({ table: "rows", key }),
    kinesisSink<Row>({ stream: "rows", partitionKey: ({ id }) => id }),
  ];
  const writes = sinks.map((sink) => sink.encode({ id: "1", tags }, "insert"));
  tags.push("b");
  expect(writes).toMatchObject([{ row: { tags: ["a"] } }, { value: { tags: ["a"] } }]);
});
