import { describe, expect, test } from "vitest";
import { batchOutcome } from "../../../localstack/lambda/batch-response.ts";

const records = ["10", "11", "12"].map((sequence) => ({
  sequence,
  partitionKey: "k",
  data: new Uint8Array(0),
  arrivalMs: 0,
}));
const outcomeOf = (answer: unknown) =>
  batchOutcome({ payload: JSON.stringify(answer) }, records, true);

describe("a function's answer with ReportBatchItemFailures", () => {
  test.each([
    ["an empty list", { batchItemFailures: [] }],
    ["a null list", { batchItemFailures: null }],
    ["an empty answer", {}],
    ["a null answer", null],
  ])("is a success with %s", (_, answer) => {
    expect(outcomeOf(answer)).toEqual({ kind: "succeeded" });
  });

  test.each([
    ["an empty identifier", { batchItemFailures: [{ itemIdentifier: "" }] }],
    ["a null identifier", { batchItemFailures: [{ itemIdentifier: null }] }],
    ["a bad key name", { batchItemFailures: [{ identifier: "11" }] }],
    ["an identifier that is not in the batch", { batchItemFailures: [{ itemIdentifier: "99" }] }],
    ["a list that is none", { batchItemFailures: "11" }],
    ["an answer that is no object", "11"],
  ])("is a failure of all with %s", (_, answer) => {
    expect(outcomeOf(answer)).toEqual({ kind: "failed" });
  });

  test("is a failure from the lowest sequence number on", () => {
    const batchItemFailures = ["12", "11"].map((itemIdentifier) => ({ itemIdentifier }));
    expect(outcomeOf({ batchItemFailures })).toEqual({ kind: "failed-from", index: 1 });
  });

  test("is a failure of all where the function failed, whatever it says", () => {
    const result = { functionError: "Unhandled" as const, payload: '{"batchItemFailures":[]}' };
    expect(batchOutcome(result, records, true)).toEqual({ kind: "failed" });
  });
});
